import { CamboxError } from '../base/errors.ts';
import type { WallMs } from '../base/units.ts';

/** How long a request with `issued_at` and without `ttl_ms` may be under way. */
const DEFAULT_TTL_MS = 60_000;
/** How far ahead of ours the requester's clock may be. */
const MAX_CLOCK_AHEAD_MS = 60_000;

/** What tells how old a request is. */
export interface Age {
  /** It comes over a connection that stores nothing: it is fresh. */
  readonly live: boolean;
  /** MQTT 5 Message Expiry Interval as the broker hands it on: the seconds that are left (MQTT 5 §3.3.2.3.3). */
  readonly expiresInS: number | undefined;
  readonly issuedAtMs: number | undefined;
  readonly ttlMs: number | undefined;
}

/**
 * Why a request must not run any more, or undefined when it may. A broker keeps commands for a box that is offline: a
 * "start recording" from this morning is not one for now. So what acts needs a proof of its age; the broker's own
 * count of the remaining seconds is one that needs no clock here.
 */
export function staleness(age: Age, acts: boolean, wall: WallMs): CamboxError | undefined {
  if (age.issuedAtMs !== undefined && !age.live) {
    const oldMs = wall - age.issuedAtMs;
    const ttlMs = age.ttlMs ?? DEFAULT_TTL_MS;
    if (oldMs > ttlMs) {
      return stale('expired', `it was issued ${Math.round(oldMs / 1000)} s ago and may run for ${ttlMs / 1000} s`, {
        received: new Date(age.issuedAtMs).toISOString(),
        remedy: 'Send it anew with a new id; if it was new, compare the clocks of the box and of the sender',
      });
    }
    if (oldMs < -MAX_CLOCK_AHEAD_MS) {
      return stale('clock_unsynced', `issued_at is ${Math.round(-oldMs / 1000)} s in the future of this box's clock`, {
        received: new Date(age.issuedAtMs).toISOString(),
        remedy: 'Set the clocks, or send a message expiry instead of issued_at',
      });
    }
  }
  if (acts && !age.live && age.expiresInS === undefined && age.issuedAtMs === undefined) {
    return stale('expired', 'nothing tells how old it is', {
      remedy: 'Publish it with an MQTT 5 message expiry interval, or with issued_at in the request',
    });
  }
  return undefined;
}

function stale(
  code: 'expired' | 'clock_unsynced',
  reason: string,
  parts: { readonly received?: unknown; readonly remedy: string },
): CamboxError {
  const pointer = parts.received === undefined ? undefined : '/issued_at';
  return new CamboxError(code, { verb: 'run', thing: 'the request', reason, ...parts }, pointer);
}
