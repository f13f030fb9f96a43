import { CamboxError, type ErrorCode } from '../base/errors.ts';
import type { WallMs } from '../base/units.ts';
import type { AnyCommand } from './command.ts';
import { staleness } from './freshness.ts';
import { parseArgs, parseEnvelope } from './request.ts';

/** A request as a door received it. */
export interface Incoming {
  /** Unique per request; a second one with the same id is a duplicate. */
  readonly id: string;
  readonly name: string;
  readonly payload: Uint8Array;
  readonly retained: boolean;
  /** See `Age` in freshness.ts. */
  readonly live: boolean;
  readonly expiresInS: number | undefined;
}

/** A request that may run. */
export interface Runnable {
  readonly command: AnyCommand;
  readonly args: unknown;
  readonly by: string | undefined;
}

/** All that can be said of a request by itself: whether it may run, or why not. Never throws. */
export function checkRequest(
  incoming: Incoming,
  commands: ReadonlyMap<string, AnyCommand>,
  wall: WallMs,
): Runnable | CamboxError {
  if (incoming.retained) {
    return cannotRun(incoming, 'retained_command', 'a retained command would run again at every reconnect', {
      remedy: 'Publish it without the retain flag, and clear the topic with an empty retained message',
    });
  }
  const envelope = parseEnvelope(incoming.payload);
  if (!envelope.ok) return envelope.error;
  const command = commands.get(incoming.name);
  if (command === undefined) {
    return cannotRun(incoming, 'unknown_command', 'there is no such command', {
      received: incoming.name,
      remedy: `There are: ${[...commands.keys()].join(', ')}`,
    });
  }
  const stale = staleness({ ...incoming, ...envelope.value }, command.acts, wall);
  if (stale !== undefined) return stale;
  const args = parseArgs(command, envelope.value.args);
  return args.ok ? { command, args: args.value, by: envelope.value.by } : args.error;
}

export const cannotRun = (
  { name }: Incoming,
  code: ErrorCode,
  reason: string,
  parts: { readonly received?: unknown; readonly remedy?: string } = {},
): CamboxError => new CamboxError(code, { verb: 'run', thing: name, reason, ...parts });
