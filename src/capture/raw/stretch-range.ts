import { callAsync } from '../../native/call-async.ts';
import { yuvCalls } from '../../native/libyuv.ts';
import type { RawLayout } from './raw-layout.ts';

/** Lines in memory of ours. */
export interface Lines {
  readonly address: bigint;
  /** Bytes from line to line: a multiple of four. */
  readonly stride: number;
  readonly lines: number;
}

/** What each byte becomes, for each of four bytes in turn (`mapBytes` of native/libyuv.ts). */
type StretchTable = Uint8Array;

/** From limited to full range (ITU-R BT.601: luma 16 to 235, chroma 16 to 240 around 128). What lies outside is cut. */
const luma = (byte: number): number => ((byte - 16) * 255) / 219;
const chroma = (byte: number): number => ((byte - 128) * 255) / 224 + 128;

function table(...channels: readonly ((byte: number) => number)[]): StretchTable {
  const clamped = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));
  return Uint8Array.from({ length: 4 * 256 }, (_, i) => clamped(channels[i % channels.length]!(i >> 2)));
}

export const stretchLuma = (): StretchTable => table(luma);
export const stretchChroma = (): StretchTable => table(chroma);

/** A table for each plane of a raw picture; none for RGB. */
export function stretchTables(layout: RawLayout): readonly StretchTable[] {
  switch (layout.kind) {
    case 'yuyv':
      return [table(luma, chroma)];
    case 'uyvy':
      return [table(chroma, luma)];
    case 'pairs':
      return [stretchLuma(), stretchChroma()];
    case 'planes':
      return [stretchLuma(), stretchChroma(), stretchChroma()];
    case 'gray':
      return [stretchLuma()];
    case 'pixels':
      return [];
  }
}

/** Stretch lines to full range in place, on a pool thread; whoever calls keeps the memory alive. */
export async function stretchLines({ address, stride, lines }: Lines, by: StretchTable): Promise<void> {
  await callAsync(yuvCalls().mapBytes, address, stride, by, 0, 0, stride / 4, lines);
}
