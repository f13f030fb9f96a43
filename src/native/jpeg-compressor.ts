import { callAsync } from './call-async.ts';
import { addressOf } from './koffi.ts';
import {
  demandHandle,
  NO_REALLOC,
  type PixelOrder,
  type Subsampling,
  TJPF,
  TJSAMP,
  type TurboHandle,
  turboCalls,
} from './libturbojpeg.ts';

/** What is encoded, and how. */
export interface JpegShape {
  readonly width: number;
  readonly height: number;
  readonly sampling: Subsampling;
  /** 1 to 100. */
  readonly quality: number;
}

/**
 * Three planes of full-range BT.601. Luma is read to an even width (and for 4:2:0 to an even height), chroma to the half
 * of that.
 */
export interface PlanarPicture {
  /** Addresses of Y, Cb and Cr. */
  readonly addresses: BigUint64Array;
  /** Bytes from line to line of each. */
  readonly strides: Int32Array;
}

export interface PackedPicture {
  readonly address: bigint;
  readonly stride: number;
  readonly order: PixelOrder;
}

/** Length of the JPEG, or why there is none, in the library's words. */
export type Compressed = number | { readonly fault: string };

/** The most bytes that a JPEG of this shape can have. Throws `missing_library`. */
export function maxJpegBytes({ width, height, sampling }: Omit<JpegShape, 'quality'>): number {
  return Number(turboCalls().bufferSize(width, height, TJSAMP[sampling]));
}

/**
 * One encoder, for one picture at a time; they run on libuv's pool threads. Whoever calls keeps the picture and `out`
 * alive and still until the promise has settled, and disposes only after that.
 */
export class JpegCompressor implements Disposable {
  readonly #calls = turboCalls();
  readonly #handle: TurboHandle;
  readonly #out = new BigUint64Array(1);
  readonly #length = new BigUint64Array(1);
  #closed = false;

  /** Throws `missing_library`, or `resource_limit` without memory. */
  constructor() {
    this.#handle = demandHandle(this.#calls.newCompressor());
  }

  /** `out` has `maxJpegBytes` at least. */
  planes({ addresses, strides }: PlanarPicture, shape: JpegShape, out: Uint8Array): Promise<Compressed> {
    const { width, height, sampling, quality } = shape;
    this.#prepare(shape, out);
    // biome-ignore format: as in turbojpeg.h
    return this.#finish(callAsync(this.#calls.compressPlanes, this.#handle, addresses, width, strides, height,
      TJSAMP[sampling], this.#out, this.#length, quality, NO_REALLOC));
  }

  /** As `planes`, of pixels that the library converts. */
  pixels({ address, stride, order }: PackedPicture, shape: JpegShape, out: Uint8Array): Promise<Compressed> {
    const { width, height, sampling, quality } = shape;
    this.#prepare(shape, out);
    // biome-ignore format: as in turbojpeg.h
    return this.#finish(callAsync(this.#calls.compressPixels, this.#handle, address, width, stride, height, TJPF[order],
      this.#out, this.#length, TJSAMP[sampling], quality, NO_REALLOC));
  }

  #prepare(shape: JpegShape, out: Uint8Array): void {
    if (out.length < maxJpegBytes(shape)) throw new Error(`${out.length} bytes are too few for a JPEG of that size`);
    this.#out[0] = addressOf(out);
    this.#length[0] = BigInt(out.length);
  }

  async #finish(call: Promise<{ readonly result: number }>): Promise<Compressed> {
    const { result } = await call;
    return result === 0 ? Number(this.#length[0]) : { fault: this.#calls.errorText(this.#handle) };
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#calls.destroy(this.#handle);
  }
}
