import { CamboxError } from '../base/errors.ts';
import type { NativeFunction } from './call-async.ts';
import { loadLibrary } from './koffi.ts';

/**
 * The TurboJPEG C API of libjpeg-turbo, as far as we need it: functions of 2.x, which 3.x has too (turbojpeg.h;
 * Debian's libturbojpeg0). What it makes is baseline JPEG with the standard Huffman tables.
 */

/** enum TJSAMP, the two that RFC 2435 can carry. */
export const TJSAMP = { '4:2:2': 1, '4:2:0': 2 } as const;
export type Subsampling = keyof typeof TJSAMP;

/** enum TJPF: how the bytes of a pixel follow each other; x is not looked at. */
export const TJPF = { rgb: 0, bgr: 1, rgbx: 2, bgrx: 3, xbgr: 4, xrgb: 5 } as const;
export type PixelOrder = keyof typeof TJPF;

/** TJFLAG_NOREALLOC: write into the caller's buffer, which the library takes to be of `bufferSize` bytes at least. */
export const NO_REALLOC = 1024;

/** A compressor or a decompressor of the library. */
export type TurboHandle = unknown;

export interface TurboCalls {
  readonly destroy: (handle: TurboHandle) => number;
  /** What the handle's last call failed of. */
  readonly errorText: (handle: TurboHandle) => string;
  /** The most bytes that a JPEG can have. */
  readonly bufferSize: (width: number, height: number, sampling: number) => number | bigint;
  // biome-ignore format: as in turbojpeg.h
  readonly compressPlanes: NativeFunction<
    [handle: TurboHandle, planes: BigUint64Array, width: number, strides: Int32Array, height: number, sampling: number,
     out: BigUint64Array, length: BigUint64Array, quality: number, flags: number],
    number
  >;
  // biome-ignore format: as in turbojpeg.h
  readonly compressPixels: NativeFunction<
    [handle: TurboHandle, pixels: bigint, width: number, pitch: number, height: number, format: number,
     out: BigUint64Array, length: BigUint64Array, sampling: number, quality: number, flags: number],
    number
  >;
  // biome-ignore format: as in turbojpeg.h
  readonly decompress: NativeFunction<
    [handle: TurboHandle, jpeg: Uint8Array, length: number, out: Uint8Array, width: number, pitch: number,
     height: number, format: number, flags: number],
    number
  >;
  /** Null without memory. */
  readonly newCompressor: () => TurboHandle;
  readonly newDecompressor: () => TurboHandle;
}

let bound: TurboCalls | undefined;

/** The library, opened at the first use. (Handles to it: not state of ours.) Throws `missing_library`. */
export function turboCalls(): TurboCalls {
  if (bound !== undefined) return bound;
  const library = loadLibrary('libturbojpeg.so.0', 'libturbojpeg0');
  const [P, I] = ['void *', 'int'];
  bound = {
    newCompressor: library.func('tjInitCompress', P, []),
    newDecompressor: library.func('tjInitDecompress', P, []),
    destroy: library.func('tjDestroy', I, [P]),
    errorText: library.func('tjGetErrorStr2', 'str', [P]),
    bufferSize: library.func('tjBufSize', 'unsigned long', [I, I, I]),
    compressPlanes: library.func('tjCompressFromYUVPlanes', I, [P, P, I, P, I, I, P, P, I, I]),
    compressPixels: library.func('tjCompress2', I, [P, 'uintptr_t', I, I, I, I, P, P, I, I, I]),
    decompress: library.func('tjDecompress2', I, [P, P, 'unsigned long', P, I, I, I, I, I]),
  };
  return bound;
}

/** Throws `resource_limit`. */
export function demandHandle(handle: TurboHandle): TurboHandle {
  if (handle !== null) return handle;
  throw new CamboxError('resource_limit', { verb: 'start', thing: 'libturbojpeg', reason: 'there is no memory left' });
}
