import type { RawLayout } from './raw-layout.ts';

export interface RawSize {
  readonly width: number;
  readonly height: number;
  /** From line to line of the first plane, as the driver says; 0 when it does not. */
  readonly bytesPerLine: number;
}

export interface RawPlane {
  readonly offset: number;
  /** Bytes from line to line, padding included. */
  readonly stride: number;
  /** Bytes of a line that are picture. */
  readonly lineBytes: number;
  readonly lines: number;
}

export interface RawGeometry {
  readonly planes: readonly RawPlane[];
  /** How many bytes a whole picture has at least: the padding of its last line may be missing. */
  readonly bytes: number;
}

const half = (count: number): number => Math.ceil(count / 2);

/**
 * Where the planes of a picture lie in a buffer. They follow each other without a gap; the lines of chroma planes are
 * padded in proportion. `line_too_short`: a driver that gives fewer bytes a line than the pixels need.
 */
export function rawGeometry(layout: RawLayout, size: RawSize): RawGeometry | 'line_too_short' {
  const lines = linesOf(layout, size);
  const stride = size.bytesPerLine === 0 ? lines[0]!.lineBytes : size.bytesPerLine;
  if (stride < lines[0]!.lineBytes) return 'line_too_short';
  const planes: RawPlane[] = [];
  let offset = 0;
  for (const { lineBytes, lines: count, ofFirst } of lines) {
    const plane = { offset, stride: Math.max(lineBytes, Math.ceil(stride * ofFirst)), lineBytes, lines: count };
    planes.push(plane);
    offset += plane.stride * count;
  }
  const last = planes.at(-1)!;
  return { planes, bytes: last.offset + last.stride * (last.lines - 1) + last.lineBytes };
}

interface Lines {
  readonly lineBytes: number;
  readonly lines: number;
  /** The stride as a part of the first plane's. */
  readonly ofFirst: number;
}

function linesOf(layout: RawLayout, { width, height }: RawSize): readonly Lines[] {
  const first = (lineBytes: number): Lines => ({ lineBytes, lines: height, ofFirst: 1 });
  switch (layout.kind) {
    case 'yuyv':
    case 'uyvy':
      return [first(4 * half(width))];
    case 'pixels':
      return [first(layout.order.length * width)];
    case 'gray':
      return [first(width)];
    case 'pairs':
      return [first(width), { lineBytes: 2 * half(width), lines: chromaLines(layout.chroma, height), ofFirst: 1 }];
    case 'planes': {
      const chroma = { lineBytes: half(width), lines: chromaLines(layout.chroma, height), ofFirst: 1 / 2 };
      return [first(width), chroma, chroma];
    }
  }
}

export const chromaLines = (sampling: '4:2:0' | '4:2:2', height: number): number =>
  sampling === '4:2:0' ? half(height) : height;
