import { type MonoUs, monoPlus, usFromMs } from '../../base/units.ts';
import type { ClipEnd, ClipRequest } from './clip.ts';

export interface ClipSpanParts {
  readonly triggeredAt: MonoUs;
  readonly request: Pick<ClipRequest, 'preMs' | 'durationMs' | 'postMs'>;
  /** A file is long enough so long after the trigger. */
  readonly maxClipMs: number;
  /** It goes on from a file that was told to stop, in its post-roll. */
  readonly isStopped: boolean;
}

/** Which capture times belong into a file, and why it ends where it does. It may be told to end later, and sooner. Pure. */
export class ClipSpan {
  /** No frame from before is wanted, even if it comes late. */
  readonly startsAt: MonoUs;
  readonly #fileEndsAt: MonoUs;
  readonly #postMs: number;
  #wantedUntil: MonoUs | undefined;
  #isStopped: boolean;

  constructor({ triggeredAt, request: { preMs, durationMs, postMs = 0 }, maxClipMs, isStopped }: ClipSpanParts) {
    this.startsAt = monoPlus(triggeredAt, -usFromMs(preMs));
    this.#fileEndsAt = monoPlus(triggeredAt, usFromMs(maxClipMs));
    this.#wantedUntil = durationMs === undefined ? undefined : monoPlus(triggeredAt, usFromMs(durationMs));
    this.#postMs = postMs;
    this.#isStopped = isStopped;
  }

  /** Told to stop: what is recorded still is the post-roll. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Frames are wanted so far; undefined: until it is stopped. */
  get wantedUntil(): MonoUs | undefined {
    return this.#wantedUntil;
  }

  get endsAt(): MonoUs {
    const wanted = this.#wantedUntil;
    return wanted === undefined || this.#fileEndsAt < wanted ? this.#fileEndsAt : wanted;
  }

  /** `max_length`: more is wanted than this file takes. */
  get endsAs(): ClipEnd {
    if (this.#wantedUntil !== this.endsAt) return 'max_length';
    return this.#isStopped ? 'stopped' : 'duration';
  }

  /** Triggered again: it ends so long from now at the earliest; undefined: not before it is stopped (again). */
  extend(now: MonoUs, durationMs: number | undefined): void {
    const until = durationMs === undefined ? undefined : monoPlus(now, usFromMs(durationMs));
    const endsSooner = this.#wantedUntil !== undefined && (until === undefined || until > this.#wantedUntil);
    if (endsSooner) this.#wantedUntil = until;
    this.#isStopped = false;
  }

  /** Told to stop: true when that is now, as it has no post-roll, or is in it already. */
  stop(now: MonoUs): boolean {
    if (this.#postMs === 0 || this.#isStopped) return true;
    this.#isStopped = true;
    this.#wantedUntil = monoPlus(now, usFromMs(this.#postMs));
    return false;
  }
}
