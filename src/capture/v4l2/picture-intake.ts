import type { Clock } from '../../base/clock.ts';
import type { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Frame } from '../../frame/frame.ts';
import type { CapturedBuffer } from '../../v4l2/captured-buffer.ts';
import type { StreamFault } from '../../v4l2/streaming.ts';
import type { SourceCounts } from '../frame-source.ts';
import type { PictureQueue } from './capture-stream.ts';
import { CaptureTimes } from './capture-times.ts';
import { Drought } from './drought.ts';
import type { PictureFacts, PictureKind } from './picture-kind.ts';

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
 * back to the driver before `take` returns or throws. Damaged pictures are counted by reason and stay out of the
 * arithmetic of gaps and times, for which their sequence numbers and timestamps are no good.
 */
export class PictureIntake<Seen extends object> {
  readonly #queue: PictureQueue;
  readonly #kind: PictureKind<Seen>;
  readonly #counts: SourceCounts;
  readonly #clock: Clock;
  readonly #times: CaptureTimes;
  readonly #drought: Drought;
  /** Buffers that are ours at the moment, by index. */
  readonly #ours = new Set<number>();
  /** The driver's number of the last whole picture, modulo 2^32, and ours, which never wraps. */
  #driverSequence: number | undefined;
  #sequence = 0;
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
    this.#times = new CaptureTimes(counts, deps.logger);
    this.#drought = new Drought(deps.clock.now());
  }

  take(): Intake {
    const taken = this.#takeFreshest();
    return { ...taken, fault: this.#fault };
  }

  /** The stream begins anew, with all buffers queued. */
  restart(): void {
    this.#fault = undefined;
    this.#drought.end(this.#clock.now());
  }

  /** Why there has been no whole picture for so long. */
  droughtError(source: string): CamboxError {
    return this.#drought.error(source, this.#clock.now());
  }

  #takeFreshest(): { readonly frame: Frame | undefined; readonly alive: boolean } {
    try {
      const freshest = this.#drain();
      return { frame: freshest && this.#takeIn(freshest), alive: freshest !== undefined };
    } finally {
      for (const index of this.#ours) this.#giveBack(index);
      this.#ours.clear();
    }
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
      this.#ours.add(outcome.index);
      const picture = this.#examine(outcome);
      if (picture === undefined) continue;
      if (freshest !== undefined) this.#counts.dropped.add('stale');
      freshest = picture;
    }
    return freshest;
  }

  #examine(buffer: CapturedBuffer): Picture<Seen> | undefined {
    const arrivedAt = this.#clock.now();
    const seen = buffer.damaged ? 'buffer_error' : this.#kind.examine(buffer.bytes);
    if (typeof seen === 'string') {
      this.#counts.dropped.add(seen);
      this.#drought.addBroken(seen, buffer.bytes.length, arrivedAt);
      return undefined;
    }
    const capturedAt = this.#times.next(buffer.capturedAt, arrivedAt);
    const sequence = this.#count(buffer.sequence);
    this.#drought.end(arrivedAt);
    return { buffer, seen, capturedAt, arrivedAt, sequence };
  }

  /** Our number of a picture. What is missing since the last whole one, and did not come damaged, is a gap. */
  #count(driverSequence: number): number {
    if (this.#driverSequence === undefined) {
      this.#sequence = driverSequence;
    } else {
      const step = (driverSequence - this.#driverSequence) >>> 0;
      const isForward = step > 0 && step < TWO_31; // a driver that starts counting anew is taken for the next picture
      this.#sequence += isForward ? step : 1;
      if (isForward) this.#counts.gaps += Math.max(0, step - 1 - this.#drought.broken);
    }
    this.#driverSequence = driverSequence;
    return this.#sequence;
  }

  #takeIn({ buffer, seen, ...facts }: Picture<Seen>): Frame | undefined {
    const taken = this.#kind.take(buffer.bytes, seen, facts);
    if (typeof taken !== 'string') return taken;
    if (taken !== 'later') this.#counts.dropped.add(taken);
    return undefined;
  }

  #giveBack(index: number): void {
    const errno = this.#queue.requeue(index);
    if (errno !== 0) this.#fault ??= { errno };
  }
}
