import { CamboxError } from '../base/errors.ts';
import { callAsync, type NativeFunction } from './call-async.ts';
import { addressOf, loadLibrary } from './koffi.ts';

/**
 * The TurboJPEG C API of libjpeg-turbo, as far as encoding needs it: the functions of 2.x, which 3.x has too
 * (turbojpeg.h; Debian's libturbojpeg0). What it makes is baseline JPEG with the standard Huffman tables.
 */

/** enum TJSAMP, the two that RFC 2435 can carry. */
const TJSAMP = { '4:2:2': 1, '4:2:0': 2 } as const;
export type Subsampling = keyof typeof TJSAMP;

/** enum TJPF: how the bytes of a pixel follow each other; x is not looked at. */
const TJPF = { rgb: 0, bgr: 1, rgbx: 2, bgrx: 3, xbgr: 4, xrgb: 5 } as const;
export type PixelOrder = keyof typeof TJPF;

/** TJFLAG_NOREALLOC: write into the caller's buffer, which the library takes to be of `tjBufSize` bytes at least. */
const NO_REALLOC = 1024;

/** What is encoded, and how. */
export interface JpegShape {
  readonly width: number;
  readonly height: number;
  readonly sampling: Subsampling;
  /** 1 to 100. */
  readonly quality: number;
}

/**
 * Three planes of full-range BT.601. Sides are rounded up to what the sampling needs: luma is read to an even width (and
 * for 4:2:0 height), chroma to the half of that.
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

interface Calls {
  readonly init: () => unknown;
  readonly destroy: (handle: unknown) => number;
  readonly errorText: (handle: unknown) => string;
  readonly bufferSize: (width: number, height: number, sampling: number) => number | bigint;
  // biome-ignore format: as in turbojpeg.h
  readonly fromPlanes: NativeFunction<
    [handle: unknown, planes: BigUint64Array, width: number, strides: Int32Array, height: number, sampling: number,
     out: BigUint64Array, length: BigUint64Array, quality: number, flags: number],
    number
  >;
  // biome-ignore format: as in turbojpeg.h
  readonly fromPixels: NativeFunction<
    [handle: unknown, pixels: bigint, width: number, pitch: number, height: number, format: number,
     out: BigUint64Array, length: BigUint64Array, sampling: number, quality: number, flags: number],
    number
  >;
}

let bound: Calls | undefined;

function calls(): Calls {
  if (bound !== undefined) return bound;
  const library = loadLibrary('libturbojpeg.so.0', 'libturbojpeg0');
  const [P, I] = ['void *', 'int'];
  bound = {
    init: library.func('tjInitCompress', P, []),
    destroy: library.func('tjDestroy', I, [P]),
    errorText: library.func('tjGetErrorStr2', 'str', [P]),
    bufferSize: library.func('tjBufSize', 'unsigned long', [I, I, I]),
    fromPlanes: library.func('tjCompressFromYUVPlanes', I, [P, P, I, P, I, I, P, P, I, I]),
    fromPixels: library.func('tjCompress2', I, [P, 'uintptr_t', I, I, I, I, P, P, I, I, I]),
  };
  return bound;
}

/** The most bytes that a JPEG of this shape can have. Throws `missing_library`. */
export function maxJpegBytes({ width, height, sampling }: Omit<JpegShape, 'quality'>): number {
  return Number(calls().bufferSize(width, height, TJSAMP[sampling]));
}

/**
 * One encoder, for one picture at a time; they run on libuv's pool threads. Whoever calls keeps the picture and `out`
 * alive and still until the promise has settled, and disposes only after that.
 */
export class JpegCompressor implements Disposable {
  readonly #calls: Calls;
  readonly #handle: unknown;
  readonly #out = new BigUint64Array(1);
  readonly #length = new BigUint64Array(1);
  #closed = false;

  /** Throws `missing_library`, or `resource_limit` without memory. */
  constructor() {
    this.#calls = calls();
    this.#handle = this.#calls.init();
    if (this.#handle !== null) return;
    throw new CamboxError('resource_limit', {
      verb: 'start',
      thing: 'libturbojpeg',
      reason: 'there is no memory left',
    });
  }

  /** `out` has `maxJpegBytes` at least. */
  planes(picture: PlanarPicture, shape: JpegShape, out: Uint8Array): Promise<Compressed> {
    const { width, height, sampling, quality } = shape;
    const { addresses, strides } = picture;
    this.#prepare(shape, out);
    // biome-ignore format: as in turbojpeg.h
    return this.#finish(callAsync(this.#calls.fromPlanes, this.#handle, addresses, width, strides, height, TJSAMP[sampling],
      this.#out, this.#length, quality, NO_REALLOC));
  }

  /** As `planes`, of pixels that the library converts. */
  pixels(picture: PackedPicture, shape: JpegShape, out: Uint8Array): Promise<Compressed> {
    const { width, height, sampling, quality } = shape;
    const { address, stride, order } = picture;
    this.#prepare(shape, out);
    // biome-ignore format: as in turbojpeg.h
    return this.#finish(callAsync(this.#calls.fromPixels, this.#handle, address, width, stride, height, TJPF[order],
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
