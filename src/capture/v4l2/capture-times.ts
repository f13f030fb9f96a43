import type { Logger } from '../../base/logger.ts';
import { type MonoUs, monoPlus, usFromSeconds } from '../../base/units.ts';
import type { SourceCounts, TimestampFault } from '../frame-source.ts';

/** A picture that waited longer for us met an event loop that stood still; a timestamp that says so is likelier wrong. */
const MAX_AGE_US = usFromSeconds(2);
/** Weight of the newest delay. */
const GAIN = 1 / 8;

/**
 * When pictures were captured: the kernel's timestamps as long as they can be true. Drivers stamp with another clock,
 * jump, and run backwards; then the time of arrival stands in, less the usual delay between the two, so that the
 * distances between pictures stay what they are, in RTP and in clips. Times always grow.
 */
export class CaptureTimes {
  readonly #counts: SourceCounts;
  readonly #logger: Logger;
  #last: MonoUs | undefined;
  /** From the capture of a picture to its arrival, smoothed; 0 until a timestamp could be true. */
  #delayUs: number | undefined;
  #warnedOf: TimestampFault | undefined;

  constructor(counts: SourceCounts, logger: Logger) {
    this.#counts = counts;
    this.#logger = logger;
  }

  /** The time of the next picture. `kernelTime`: undefined when it is not of CLOCK_MONOTONIC. */
  next(kernelTime: MonoUs | undefined, arrivedAt: MonoUs): MonoUs {
    const fault = this.#faultOf(kernelTime, arrivedAt);
    if (fault === undefined && kernelTime !== undefined) {
      this.#learn(arrivedAt - kernelTime);
      this.#last = kernelTime;
      return kernelTime;
    }
    if (fault !== undefined) this.#note(fault, kernelTime, arrivedAt);
    const estimate = monoPlus(arrivedAt, -(this.#delayUs ?? 0));
    this.#last = this.#last === undefined || estimate > this.#last ? estimate : monoPlus(this.#last, 1);
    return this.#last;
  }

  #faultOf(kernelTime: MonoUs | undefined, arrivedAt: MonoUs): TimestampFault | undefined {
    if (kernelTime === undefined) return 'other_clock';
    if (kernelTime > arrivedAt) return 'ahead';
    if (arrivedAt - kernelTime > MAX_AGE_US) return 'too_old';
    return this.#last !== undefined && kernelTime <= this.#last ? 'backward' : undefined;
  }

  #learn(delayUs: number): void {
    const before = this.#delayUs ?? delayUs;
    this.#delayUs = before + (delayUs - before) * GAIN;
  }

  /** Every picture counts; the log tells when it begins, or begins to be wrong in another way. */
  #note(fault: TimestampFault, kernelTime: MonoUs | undefined, arrivedAt: MonoUs): void {
    this.#counts.retimed.add(fault);
    if (this.#warnedOf === fault) return;
    this.#warnedOf = fault;
    this.#logger.warn('kernel_timestamp_unusable', {
      fault,
      timestamp_us: kernelTime,
      previous_us: this.#last,
      arrived_us: arrivedAt,
    });
  }
}
