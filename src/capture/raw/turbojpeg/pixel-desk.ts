import { JpegCompressor, type JpegShape } from '../../../native/jpeg-compressor.ts';
import { addressOf } from '../../../native/koffi.ts';
import type { PixelOrder } from '../../../native/libturbojpeg.ts';
import type { EncodeDesk, EncodeOutcome } from '../jpeg-encoder.ts';
import type { RawGeometry } from '../raw-geometry.ts';

/** Encodes RGB pixels, which libjpeg-turbo takes in any order. */
export class PixelDesk implements EncodeDesk, Disposable {
  readonly #order: PixelOrder;
  readonly #stride: number;
  readonly #shape: JpegShape;
  readonly #memory: Uint8Array;
  readonly #compressor = new JpegCompressor();

  constructor(order: PixelOrder, { planes, bytes }: RawGeometry, shape: JpegShape) {
    this.#order = order;
    this.#stride = planes[0]!.stride;
    this.#shape = shape;
    this.#memory = Buffer.allocUnsafeSlow(bytes);
  }

  load(raw: Uint8Array): void {
    this.#memory.set(raw.subarray(0, this.#memory.length));
  }

  encode(out: Uint8Array): Promise<EncodeOutcome> {
    const picture = { address: addressOf(this.#memory), stride: this.#stride, order: this.#order };
    return this.#compressor.pixels(picture, this.#shape, out);
  }

  [Symbol.dispose](): void {
    this.#compressor[Symbol.dispose]();
  }
}
