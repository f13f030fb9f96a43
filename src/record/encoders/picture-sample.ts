import type { Frame } from '../../frame/frame.ts';
import { completeJpeg } from '../../jpeg/dht-injection.ts';
import type { PictureSize } from './encoder-profile.ts';
import { PROBE_PICTURES, type ProbePictures } from './probe-stream.ts';

const LEAST_PICTURES = 8;
/** Sixteen pictures of 1080p are 4 MB. Of a camera with more than this, eight have to do. */
const ENOUGH_BYTES = 8 << 20;

/** The next pictures of a camera, copied: probes run for seconds, and frames are not to be held for so long. */
export class PictureSample {
  readonly size: PictureSize;
  readonly #jpegs: Uint8Array[] = [];
  #bytes = 0;

  constructor({ width, height }: PictureSize) {
    this.size = { width, height };
  }

  /** Take one more picture of the sample's size. Returns the pictures once there are enough of them. */
  add(frame: Frame): ProbePictures | undefined {
    this.#jpegs.push(completeJpeg(frame.bytes, frame.jpeg).slice());
    this.#bytes += frame.bytes.length;
    const needed = this.#bytes >= ENOUGH_BYTES ? LEAST_PICTURES : PROBE_PICTURES;
    return this.#jpegs.length >= needed ? { size: this.size, jpegs: this.#jpegs } : undefined;
  }
}
