import type { Clock } from '../base/clock.ts';
import { Histogram } from '../base/histogram.ts';
import { type MonoUs, usFromSeconds } from '../base/units.ts';
import type { Frame } from '../frame/frame.ts';

/** Half of what a report looks back on: it tells of the last five to ten minutes. */
const HALF_US = usFromSeconds(300);

/** From a frame's arrival (VIDIOC_DQBUF) to the first of its RTP packets that the kernel took. */
export interface SendLatencyReport {
  readonly frames: number;
  /** Null while there is none. */
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
  readonly max_ms: number | null;
}

/** How long the frames of one camera were under way within this process, over the last minutes. */
export class SendLatency {
  readonly #clock: Clock;
  #recent = new Histogram();
  #before = new Histogram();
  #since: MonoUs;
  #lastSequence: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  /** The first packet of the frame has been sent. Of several receivers of a camera, the first counts. */
  note({ sequence, arrivedAt }: Frame): void {
    if (sequence === this.#lastSequence) return;
    this.#lastSequence = sequence;
    const now = this.#clock.now();
    this.#turn(now);
    this.#recent.record(now - arrivedAt);
  }

  report(): SendLatencyReport {
    this.#turn(this.#clock.now());
    const both = new Histogram();
    both.add(this.#before);
    both.add(this.#recent);
    const ms = (us: number | undefined): number | null => (us === undefined ? null : Math.round(us) / 1000);
    const max = both.count === 0 ? undefined : both.max;
    return { frames: both.count, p50_ms: ms(both.quantile(0.5)), p99_ms: ms(both.quantile(0.99)), max_ms: ms(max) };
  }

  #turn(now: MonoUs): void {
    const age = now - this.#since;
    if (age < HALF_US) return;
    this.#before = age < 2 * HALF_US ? this.#recent : new Histogram();
    this.#recent = new Histogram();
    this.#since = now;
  }
}
