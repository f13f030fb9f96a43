import type { NativeFunction } from './call-async.ts';
import { loadLibrary } from './koffi.ts';

type Plane = [address: bigint, stride: number];
type Size = [width: number, height: number];

type FourPlanes = NativeFunction<[...Plane, ...Plane, ...Plane, ...Plane, ...Size], number>;

/**
 * libyuv, as far as raw pictures need it: pixels are sorted and converted with the CPU's vector instructions (libyuv's
 * convert.h, convert_argb.h, planar_functions.h; Debian's libyuv0). A plane is an address and the bytes from line to line.
 * The library checks nothing, and whoever calls keeps the memory alive. Its "ARGB" is B G R A in memory.
 */
export interface YuvCalls {
  /** From, to, width in bytes, height. */
  readonly copyPlane: NativeFunction<[...Plane, ...Plane, ...Size], void>;
  /** Pairs of bytes apart: from, to the first of each pair, to the second, width in pairs, height. */
  readonly splitPairs: NativeFunction<[...Plane, ...Plane, ...Plane, ...Size], void>;
  /** Y U Y V, and U Y V Y, to three planes of 4:2:2. */
  readonly fromYuyv: FourPlanes;
  readonly fromUyvy: FourPlanes;
  /**
   * Each byte becomes what stands in the table, in place: plane, table (256 entries of 4 bytes, one for each of 4 bytes
   * in turn), x, y, width in units of 4 bytes, height.
   */
  readonly mapBytes: NativeFunction<[...Plane, table: Uint8Array, x: number, y: number, ...Size], number>;
  /** Three planes of limited range, by matrix and chroma, to B G R A of full range. */
  readonly bt709: Readonly<Record<'4:2:0' | '4:2:2', FourPlanes>>;
  readonly bt2020: Readonly<Record<'4:2:0' | '4:2:2', FourPlanes>>;
}

let bound: YuvCalls | undefined;

/** The library, opened at the first use. (Handles to it: not state of ours.) Throws `missing_library`. */
export function yuvCalls(): YuvCalls {
  if (bound !== undefined) return bound;
  const library = loadLibrary('libyuv.so.0', 'libyuv0');
  const plane = ['uintptr_t', 'int'];
  const planes = (count: number): string[] => Array.from({ length: count }, () => plane).flat();
  const func = (name: string, ...parameters: readonly string[]) => library.func(name, 'int', [...parameters]);
  const size = ['int', 'int'];
  const four = [...planes(4), ...size];
  bound = {
    copyPlane: library.func('CopyPlane', 'void', [...planes(2), ...size]),
    splitPairs: library.func('SplitUVPlane', 'void', [...planes(3), ...size]),
    fromYuyv: func('YUY2ToI422', ...four),
    fromUyvy: func('UYVYToI422', ...four),
    mapBytes: func('ARGBColorTable', ...plane, 'void *', 'int', 'int', ...size),
    bt709: { '4:2:0': func('H420ToARGB', ...four), '4:2:2': func('H422ToARGB', ...four) },
    bt2020: { '4:2:0': func('U420ToARGB', ...four), '4:2:2': func('U422ToARGB', ...four) },
  };
  return bound;
}
