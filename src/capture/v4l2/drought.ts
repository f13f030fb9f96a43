import { CamboxError } from '../../base/errors.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import { type MonoUs, secondsFromUs, usFromSeconds } from '../../base/units.ts';
import type { CaptureDrop } from '../frame-source.ts';

/** After so long a broken picture was not the last of many, but the last at all. */
const SILENT_US = usFromSeconds(1);

/** The time since the last whole picture, and what came instead: tells what is wrong when it lasts too long. */
export class Drought {
  #broken = new ReasonCounts<CaptureDrop>();
  #empty = 0;
  #since: MonoUs;
  #lastBrokenAt: MonoUs;

  constructor(now: MonoUs) {
    this.#since = now;
    this.#lastBrokenAt = now;
  }

  /** Broken pictures since the last whole one. */
  get broken(): number {
    return this.#broken.total;
  }

  addBroken(reason: CaptureDrop, bytes: number, now: MonoUs): void {
    this.#broken.add(reason);
    if (bytes === 0) this.#empty += 1;
    this.#lastBrokenAt = now;
  }

  /** A whole picture came, or the stream begins anew. */
  end(now: MonoUs): void {
    this.#since = now;
    if (this.#broken.total === 0) return;
    this.#broken = new ReasonCounts();
    this.#empty = 0;
  }

  /** It has lasted too long: `device_silent`, `device_stalled` or `pictures_broken`. */
  error(source: string, now: MonoUs): CamboxError {
    const lasted = `${secondsFromUs(now - this.#since).toFixed(1)} s`;
    const cannot = { verb: 'capture from', thing: source };
    if (this.broken === 0) return new CamboxError('device_silent', { ...cannot, reason: `no frame for ${lasted}` });
    const received = this.#broken;
    if (now - this.#lastBrokenAt < SILENT_US) {
      return new CamboxError('pictures_broken', { ...cannot, reason: `only broken pictures for ${lasted}`, received });
    }
    // A stalled endpoint (EPIPE) completes what the driver has queued, empty, and nothing comes after that.
    return this.#empty === this.broken
      ? new CamboxError('device_stalled', { ...cannot, reason: `empty buffers, then nothing for ${lasted}`, received })
      : new CamboxError('device_silent', { ...cannot, reason: `no whole frame for ${lasted}`, received });
  }
}
