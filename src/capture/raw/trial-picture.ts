import type { RawLayout } from './raw-layout.ts';
import type { RawPicture } from './raw-picture.ts';

/** Pixels and lines of one shade: an MCU of 4:2:0, so that every way to subsample chroma gives the same. */
const BLOCK = 16;
/** Shades: inside limited range, so that stretching cuts nothing. */
const DARKEST = 20;
const SHADES = 24;
const STEP = 9;

/** Where a byte of a line is in the picture: its column of pixels, and which of the channels it is. */
type Locate = (byte: number) => readonly [column: number, channel: number];

/**
 * A raw picture in which every mistake shows: blocks of different shades, none of them grey, no two channels alike, to
 * the end of each line.
 */
export function trialPicture({ layout, geometry, height }: RawPicture): Uint8Array {
  const raw = new Uint8Array(geometry.bytes);
  for (const [number, { offset, stride, lineBytes, lines }] of geometry.planes.entries()) {
    const locate = locator(layout, number);
    const linesApart = lines === height ? 1 : 2;
    for (let line = 0; line < lines; line++) {
      const row = Math.floor((line * linesApart) / BLOCK);
      for (let byte = 0; byte < lineBytes; byte++) {
        const [column, channel] = locate(byte);
        const shade = Math.floor(column / BLOCK) * 5 + row * 7 + channel * 9;
        raw[offset + line * stride + byte] = DARKEST + (shade % SHADES) * STEP;
      }
    }
  }
  return raw;
}

function locator(layout: RawLayout, plane: number): Locate {
  switch (layout.kind) {
    case 'yuyv':
      return (byte) => [byte >> 1, [0, 1, 0, 2][byte % 4]!];
    case 'uyvy':
      return (byte) => [byte >> 1, [1, 0, 2, 0][byte % 4]!];
    case 'pairs':
      return (byte) => [byte, plane === 0 ? 0 : 1 + (byte % 2)];
    case 'planes':
      return (byte) => [plane === 0 ? byte : 2 * byte, plane];
    case 'gray':
      return (byte) => [byte, 0];
    case 'pixels':
      return (byte) => [Math.floor(byte / layout.order.length), byte % layout.order.length];
  }
}
