import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { MonoUs } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';
import type { CapturedBuffer } from '../../v4l2/captured-buffer.ts';
import type { DequeueOutcome, StreamFault } from '../../v4l2/streaming.ts';
import type { SourceCounts } from '../frame-source.ts';
import type { PictureFacts, PictureKind } from './picture-kind.ts';

/** The part of an MmapStream that the intake needs. */
export interface PictureQueue {
  readonly bufferCount: number;
  dequeue(): DequeueOutcome;
  requeue(index: number): number;
}

export interface Intake {
  /** The freshest whole picture, owned by the caller; undefined also when its frame comes later (see PictureKind). */
  readonly frame: Frame | undefined;
  /** Whether the camera gave any whole picture, also where the arena had no room for it. */
  readonly alive: boolean;
  /** The stream is over. */
  readonly fault: StreamFault | undefined;
}

/** A whole picture in a buffer that is ours, with what the frame will say of it. */
interface Picture<Seen> extends PictureFacts {
  readonly buffer: CapturedBuffer;
  readonly seen: Seen;
}

const TWO_31 = 2 ** 31;

/**
 * Takes pictures out of a driver's queue: empties it, keeps the freshest whole one and takes that in. Every buffer goes
 * back to the driver before `take` returns. Damaged pictures are counted by reason and stay out of the arithmetic of
 * gaps and times, for which their sequence numbers and timestamps are no good.
 */
export class PictureIntake<Seen extends object> {
  readonly #queue: PictureQueue;
  readonly #kind: PictureKind<Seen>;
  readonly #counts: SourceCounts;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** The driver's number of the last whole picture, modulo 2^32, and ours, which never wraps. */
  #driverSequence: number | undefined;
  #sequence = 0;
  #damagedSince = 0;
  #capturedAt: MonoUs | undefined;
  #warnedOfClock = false;
  #fault: StreamFault | undefined;

  constructor(
    queue: PictureQueue,
    kind: PictureKind<Seen>,
    counts: SourceCounts,
    deps: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#queue = queue;
    this.#kind = kind;
    this.#counts = counts;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
  }

  take(): Intake {
    const freshest = this.#drain();
    const frame = freshest === undefined ? undefined : this.#takeIn(freshest);
    return { frame, alive: freshest !== undefined, fault: this.#fault };
  }

  /** No more turns than there are buffers: a driver that fills them as fast as we empty them must not hold us here. */
  #drain(): Picture<Seen> | undefined {
    let freshest: Picture<Seen> | undefined;
    for (let turn = 0; turn < this.#queue.bufferCount && this.#fault === undefined; turn++) {
      const outcome = this.#queue.dequeue();
      if (outcome === 'empty') break;
      if ('errno' in outcome) {
        this.#fault = outcome;
        break;
      }
      const picture = this.#examine(outcome);
      if (picture === undefined) continue;
      if (freshest !== undefined) {
        this.#counts.dropped.add('stale');
        this.#giveBack(freshest.buffer);
      }
      freshest = picture;
    }
    return freshest;
  }

  /** A damaged picture's buffer goes straight back. */
  #examine(buffer: CapturedBuffer): Picture<Seen> | undefined {
    const seen = buffer.damaged ? 'buffer_error' : this.#kind.examine(buffer.bytes);
    if (typeof seen !== 'string') {
      return { buffer, seen, capturedAt: this.#timeOf(buffer), sequence: this.#count(buffer.sequence) };
    }
    this.#counts.dropped.add(seen);
    this.#damagedSince += 1;
    this.#giveBack(buffer);
    return undefined;
  }

  /** Our number of a picture. What is missing since the last whole one, and did not come damaged, is a gap. */
  #count(driverSequence: number): number {
    if (this.#driverSequence === undefined) {
      this.#sequence = driverSequence;
    } else {
      const step = (driverSequence - this.#driverSequence) >>> 0;
      const isForward = step > 0 && step < TWO_31; // a driver that starts counting anew is taken for the next picture
      this.#sequence += isForward ? step : 1;
      if (isForward) this.#counts.gaps += Math.max(0, step - 1 - this.#damagedSince);
    }
    this.#driverSequence = driverSequence;
    this.#damagedSince = 0;
    return this.#sequence;
  }

  /** The kernel's time of the picture; ours where the kernel's is of another clock or goes backwards. */
  #timeOf(buffer: CapturedBuffer): MonoUs {
    const now = this.#clock.now();
    const kernelTime = buffer.capturedAt;
    const isPlausible = kernelTime !== undefined && kernelTime <= now && kernelTime > (this.#capturedAt ?? 0);
    if (!isPlausible && !this.#warnedOfClock) {
      this.#warnedOfClock = true;
      this.#logger.warn('kernel_timestamp_unusable', {
        timestamp_us: kernelTime,
        previous_us: this.#capturedAt,
        now_us: now,
      });
    }
    this.#capturedAt = isPlausible ? kernelTime : now;
    return this.#capturedAt;
  }

  #takeIn({ buffer, seen, capturedAt, sequence }: Picture<Seen>): Frame | undefined {
    const taken = this.#kind.take(buffer.bytes, seen, { capturedAt, sequence });
    this.#giveBack(buffer);
    if (typeof taken !== 'string') return taken;
    if (taken !== 'later') this.#counts.dropped.add(taken);
    return undefined;
  }

  #giveBack(buffer: CapturedBuffer): void {
    const errno = this.#queue.requeue(buffer.index);
    if (errno !== 0) this.#fault ??= { errno };
  }
}
