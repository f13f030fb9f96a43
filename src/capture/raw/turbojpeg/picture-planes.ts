import type { PlanarPicture } from '../../../native/jpeg-compressor.ts';
import { addressOf } from '../../../native/koffi.ts';
import type { Subsampling } from '../../../native/libturbojpeg.ts';
import { type YuvCalls, yuvCalls } from '../../../native/libyuv.ts';
import { chromaLines, type RawGeometry } from '../raw-geometry.ts';
import { jpegSampling, type RawLayout } from '../raw-layout.ts';
import type { Lines } from '../stretch-range.ts';

/** Lines start where vector instructions like them to, and their lengths can be divided by four (see `stretchLines`). */
const ALIGN = 64;
const NEUTRAL_CHROMA = 128;

/**
 * Memory for the three planes of one picture, as libjpeg-turbo reads them: sides rounded up to even. Filled from a raw
 * picture of whatever layout.
 */
export class PicturePlanes implements PlanarPicture {
  readonly luma: Lines;
  /** Cr lies right behind Cb. */
  readonly cb: Lines;
  readonly cr: Lines;
  readonly addresses: BigUint64Array;
  readonly strides: Int32Array;
  readonly #yuv: YuvCalls = yuvCalls();
  readonly #layout: RawLayout;
  readonly #geometry: RawGeometry;
  readonly #width: number;
  readonly #height: number;
  readonly #memory: Uint8Array;

  /** Throws `missing_library`. */
  constructor(layout: RawLayout, geometry: RawGeometry, width: number, height: number) {
    this.#layout = layout;
    this.#geometry = geometry;
    this.#width = width;
    this.#height = height;
    const stride = Math.ceil(width / ALIGN) * ALIGN;
    const evenHeight = 2 * Math.ceil(height / 2);
    const chroma = { stride: stride / 2, lines: chromaLines(jpegSampling(layout), evenHeight) };
    const [lumaBytes, chromaBytes] = [stride * evenHeight, chroma.stride * chroma.lines];
    this.#memory = Buffer.allocUnsafeSlow(lumaBytes + 2 * chromaBytes);
    const start = addressOf(this.#memory);
    this.luma = { address: start, stride, lines: evenHeight };
    this.cb = { ...chroma, address: start + BigInt(lumaBytes) };
    this.cr = { ...chroma, address: start + BigInt(lumaBytes + chromaBytes) };
    this.addresses = BigUint64Array.of(this.luma.address, this.cb.address, this.cr.address);
    this.strides = Int32Array.of(stride, chroma.stride, chroma.stride);
    if (layout.kind === 'gray') this.#memory.fill(NEUTRAL_CHROMA, lumaBytes);
  }

  /** `raw` has `geometry.bytes` at least. */
  fill(raw: Uint8Array): void {
    if (raw.length < this.#geometry.bytes) throw new Error(`${raw.length} bytes are no whole raw picture`);
    this.#unpack(addressOf(raw));
    this.#extendToEven();
  }

  #unpack(raw: bigint): void {
    const layout = this.#layout;
    const [width, height] = [this.#width, this.#height];
    const [first, second, third] = this.#geometry.planes.map(
      ({ offset, stride }) => [raw + BigInt(offset), stride] as const,
    );
    const to = ({ address, stride }: Lines) => [address, stride] as const;
    const [u, v] = 'swapped' in layout && layout.swapped ? [to(this.cr), to(this.cb)] : [to(this.cb), to(this.cr)];
    switch (layout.kind) {
      case 'yuyv':
        this.#yuv.fromYuyv(...first!, ...to(this.luma), ...u, ...v, width, height);
        return;
      case 'uyvy':
        this.#yuv.fromUyvy(...first!, ...to(this.luma), ...u, ...v, width, height);
        return;
      case 'gray':
        this.#yuv.copyPlane(...first!, ...to(this.luma), width, height);
        return;
      case 'pairs':
        this.#yuv.copyPlane(...first!, ...to(this.luma), width, height);
        this.#yuv.splitPairs(...second!, ...u, ...v, ...this.#chromaSize(layout.chroma));
        return;
      case 'planes':
        this.#yuv.copyPlane(...first!, ...to(this.luma), width, height);
        this.#yuv.copyPlane(...second!, ...u, ...this.#chromaSize(layout.chroma));
        this.#yuv.copyPlane(...third!, ...v, ...this.#chromaSize(layout.chroma));
        return;
      case 'pixels':
        throw new Error('pixels need no planes');
    }
  }

  #chromaSize(sampling: Subsampling): [width: number, height: number] {
    return [Math.ceil(this.#width / 2), chromaLines(sampling, this.#height)];
  }

  /** The library reads an even number of luma columns and lines: the last ones twice, else chance would show in them. */
  #extendToEven(): void {
    const [width, height, { stride }] = [this.#width, this.#height, this.luma];
    if (width % 2 === 1) {
      for (let line = 0; line < height; line++) {
        this.#memory[line * stride + width] = this.#memory[line * stride + width - 1]!;
      }
    }
    if (height % 2 === 1) this.#memory.copyWithin(height * stride, (height - 1) * stride, height * stride);
  }
}
