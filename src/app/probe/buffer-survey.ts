import { walkJpeg } from '../../jpeg/walk.ts';
import type { CapturedBuffer } from '../../v4l2/captured-buffer.ts';

const EOI_BYTES = 2;

export interface BufferFigures {
  /** Buffers that the driver handed out. */
  readonly count: number;
  /** Those with bytes after the end of the picture, and the most bytes that were. */
  readonly padded: number;
  readonly most_padding_bytes: number;
  /** The clock of the driver's timestamps, and what moment of a picture they tell; undefined before the first buffer. */
  readonly timestamp_clock: 'monotonic' | 'other' | undefined;
  readonly timestamp_of: CapturedBuffer['timedAt'] | undefined;
}

/** Gathers what a driver's buffers tell that frames do not. */
export class BufferSurvey {
  #count = 0;
  #padded = 0;
  #mostPadding = 0;
  #clock: BufferFigures['timestamp_clock'];
  #of: BufferFigures['timestamp_of'];

  readonly tap = ({ bytes, damaged, capturedAt, timedAt }: CapturedBuffer): void => {
    this.#count += 1;
    if (damaged) return; // its timestamp may be nonsense
    this.#clock = capturedAt === undefined ? 'other' : 'monotonic';
    this.#of = timedAt;
    const layout = walkJpeg(bytes);
    const padding = typeof layout === 'string' ? 0 : bytes.length - layout.scanEnd - EOI_BYTES;
    if (padding > 0) this.#padded += 1;
    this.#mostPadding = Math.max(this.#mostPadding, padding);
  };

  figures(): BufferFigures {
    return {
      count: this.#count,
      padded: this.#padded,
      most_padding_bytes: this.#mostPadding,
      timestamp_clock: this.#clock,
      timestamp_of: this.#of,
    };
  }
}
