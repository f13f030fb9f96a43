import { callAsync } from '../../../native/call-async.ts';
import { JpegCompressor, type JpegShape } from '../../../native/jpeg-compressor.ts';
import { addressOf } from '../../../native/koffi.ts';
import { yuvCalls } from '../../../native/libyuv.ts';
import type { ColourTreatment } from '../colour-treatment.ts';
import type { EncodeDesk, EncodeOutcome } from '../jpeg-encoder.ts';
import { stretchChroma, stretchLines, stretchLuma } from '../stretch-range.ts';
import type { PicturePlanes } from './picture-planes.ts';

/** Encodes from planes: the raw picture is sorted into them at once, all else happens on libuv's pool threads. */
export class PlanarDesk implements EncodeDesk, Disposable {
  readonly #planes: PicturePlanes;
  readonly #shape: JpegShape;
  readonly #treatment: ColourTreatment;
  readonly #compressor = new JpegCompressor();
  readonly #yuv = yuvCalls();
  readonly #lumaTable = stretchLuma();
  readonly #chromaTable = stretchChroma();
  /** B G R A, where the picture goes over RGB. */
  readonly #bgrx: Uint8Array;

  constructor(planes: PicturePlanes, shape: JpegShape, treatment: ColourTreatment) {
    this.#planes = planes;
    this.#shape = shape;
    this.#treatment = treatment;
    const isOverRgb = treatment === 'from_bt709' || treatment === 'from_bt2020';
    this.#bgrx = Buffer.allocUnsafeSlow(isOverRgb ? 4 * shape.width * shape.height : 0);
  }

  load(raw: Uint8Array): void {
    this.#planes.fill(raw);
  }

  async encode(out: Uint8Array): Promise<EncodeOutcome> {
    switch (this.#treatment) {
      case 'none':
        break;
      case 'stretch':
        await this.#stretch();
        break;
      case 'from_bt709':
      case 'from_bt2020':
        return this.#encodeOverRgb(this.#treatment, out);
    }
    return this.#compressor.planes(this.#planes, this.#shape, out);
  }

  async #stretch(): Promise<void> {
    const { luma, cb, cr } = this.#planes;
    await stretchLines(luma, this.#lumaTable);
    await stretchLines({ ...cb, lines: cb.lines + cr.lines }, this.#chromaTable);
  }

  async #encodeOverRgb(treatment: 'from_bt709' | 'from_bt2020', out: Uint8Array): Promise<EncodeOutcome> {
    const { luma, cb, cr } = this.#planes;
    const { width, height, sampling } = this.#shape;
    const convert = this.#yuv[treatment === 'from_bt709' ? 'bt709' : 'bt2020'][sampling];
    const pixels = { address: addressOf(this.#bgrx), stride: 4 * width };
    // biome-ignore format: a plane a line
    await callAsync(convert, luma.address, luma.stride, cb.address, cb.stride, cr.address, cr.stride,
      pixels.address, pixels.stride, width, height);
    return this.#compressor.pixels({ ...pixels, order: 'bgrx' }, this.#shape, out);
  }

  [Symbol.dispose](): void {
    this.#compressor[Symbol.dispose]();
  }
}
