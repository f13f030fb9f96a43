import { execFileSync } from 'node:child_process';
import { type RawGeometry, type RawPlane, rawGeometry } from '../../src/capture/raw/raw-geometry.ts';
import { RAW_LAYOUTS } from '../../src/capture/raw/raw-layout.ts';
import type { Colorimetry } from '../../src/v4l2/colorimetry.ts';
import type { PictureSize, Planes } from './planes.ts';

/** From what ffmpeg makes to what V4L2 wants. */
type Rework = (raw: Buffer, geometry: RawGeometry) => Buffer;

/** What ffmpeg calls the V4L2 formats, or what they are made from where it has no name for them. */
const FFMPEG_NAMES: Readonly<Record<string, readonly [name: string, rework?: Rework]>> = {
  NV12: ['nv12'],
  YU12: ['yuv420p'],
  YV12: ['yuv420p', exchangeCbAndCr],
  NV21: ['nv21'],
  YUYV: ['yuyv422'],
  UYVY: ['uyvy422'],
  YVYU: ['yvyu422'],
  VYUY: ['uyvy422', exchangeFirstAndThird],
  NV16: ['yuv422p', (raw, { planes: [, pairs] }) => interleaveChroma(raw, pairs!, 1)],
  NV61: ['yuv422p', (raw, { planes: [, pairs] }) => interleaveChroma(raw, pairs!, 0)],
  '422P': ['yuv422p'],
  RGB3: ['rgb24'],
  BGR3: ['bgr24'],
  XB24: ['rgb0'],
  AB24: ['rgba'],
  XR24: ['bgr0'],
  AR24: ['bgra'],
  BGR4: ['bgr0'],
  RX24: ['0bgr'],
  RA24: ['abgr'],
  BX24: ['0rgb'],
  BA24: ['argb'],
  RGB4: ['0rgb'],
  GREY: ['gray'],
};

const EXACT = 'flags=accurate_rnd+full_chroma_int+full_chroma_inp+bitexact+area';
const MATRIX = { bt601: 'bt601', bt709: 'bt709', bt2020: 'bt2020', smpte240m: 'smpte240m' } as const;

function ffmpeg(args: readonly string[], input?: Uint8Array): Buffer {
  return execFileSync('ffmpeg', ['-v', 'error', ...args], { maxBuffer: 1 << 28, ...(input && { input }) });
}

/** A colourful picture with edges and slopes, as 24-bit RGB: what all others are made from. */
export function referenceRgb({ width, height }: PictureSize): Buffer {
  const scene = `testsrc2=s=640x480,scale=${width}:${height}:flags=area,format=rgb24`;
  return ffmpeg(['-f', 'lavfi', '-i', scene, '-frames:v', '1', '-f', 'rawvideo', '-']);
}

function convert(rgb: Uint8Array, size: PictureSize, pixelFormat: string, { matrix, range }: Colorimetry): Buffer {
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${size.width}x${size.height}`, '-i', '-'];
  const scale = `scale=out_color_matrix=${MATRIX[matrix]}:out_range=${range}:${EXACT}`;
  return ffmpeg([...input, '-vf', scale, '-pix_fmt', pixelFormat, '-f', 'rawvideo', '-'], rgb);
}

/** The picture in a V4L2 format, made by the real ffmpeg, without padding. */
export function rawBytes(fourcc: string, rgb: Uint8Array, size: PictureSize, colours: Colorimetry): Uint8Array {
  const [name = '', rework] = FFMPEG_NAMES[fourcc] ?? [];
  const raw = convert(rgb, size, name, colours);
  return rework === undefined ? raw : rework(raw, tight(fourcc, size));
}

function tight(fourcc: string, size: PictureSize): RawGeometry {
  const layout = RAW_LAYOUTS[fourcc];
  const geometry = layout && rawGeometry(layout, { ...size, bytesPerLine: 0 });
  if (geometry === undefined || geometry === 'line_too_short') throw new Error(`${fourcc} has no layout`);
  return geometry;
}

function exchangeCbAndCr(raw: Buffer, { planes: [, cb, cr] }: RawGeometry): Buffer {
  const [start, middle] = [cb!.offset, cr!.offset];
  return Buffer.concat([raw.subarray(0, start), raw.subarray(middle), raw.subarray(start, middle)]);
}

function exchangeFirstAndThird(raw: Buffer): Buffer {
  return Buffer.from(raw.map((byte, i) => (i % 2 === 1 ? byte : raw[i ^ 2]!)));
}

/** Planes of Cb and Cr become pairs; `crAt` 1: Cb comes first in them. */
function interleaveChroma(raw: Buffer, { offset }: RawPlane, crAt: 0 | 1): Buffer {
  const middle = offset + (raw.length - offset) / 2;
  const bytes = Buffer.from(raw);
  for (let i = 0; i < middle - offset; i++) {
    bytes[offset + 2 * i + 1 - crAt] = raw[offset + i]!;
    bytes[offset + 2 * i + crAt] = raw[middle + i]!;
  }
  return bytes;
}

/** The same picture with lines of `bytesPerLine` in the first plane, padded with bytes that would show. */
export function padLines(fourcc: string, raw: Uint8Array, size: PictureSize, bytesPerLine: number): Uint8Array {
  const layout = RAW_LAYOUTS[fourcc];
  const wide = layout && rawGeometry(layout, { ...size, bytesPerLine });
  if (wide === undefined || wide === 'line_too_short') throw new Error(`${fourcc} does not fit ${bytesPerLine}`);
  const from = tight(fourcc, size).planes;
  const padded = new Uint8Array(wide.bytes).fill(0xe5);
  for (const [i, { offset, stride, lineBytes, lines }] of wide.planes.entries()) {
    for (let line = 0; line < lines; line++) {
      const start = from[i]!.offset + line * from[i]!.stride;
      padded.set(raw.subarray(start, start + lineBytes), offset + line * stride);
    }
  }
  return padded;
}

/** The planes that a JPEG of this picture should decode to: full range BT.601. */
export function expectedPlanes(rgb: Uint8Array, size: PictureSize, chroma: '4:2:0' | '4:2:2'): Planes {
  const colours = { matrix: 'bt601', range: 'full' } as const;
  return split(convert(rgb, size, chroma === '4:2:0' ? 'yuvj420p' : 'yuvj422p', colours), size, chroma);
}

/** The planes of a JPEG, decoded by the real ffmpeg. */
export function jpegPlanes(jpeg: Uint8Array, size: PictureSize, chroma: '4:2:0' | '4:2:2'): Planes {
  const output = ['-f', 'rawvideo', '-pix_fmt', chroma === '4:2:0' ? 'yuvj420p' : 'yuvj422p', '-'];
  return split(ffmpeg(['-f', 'mjpeg', '-i', '-', ...output], jpeg), size, chroma);
}

function split(raw: Buffer, { width, height }: PictureSize, chroma: '4:2:0' | '4:2:2'): Planes {
  const luma = width * height;
  const side = Math.ceil(width / 2) * (chroma === '4:2:0' ? Math.ceil(height / 2) : height);
  if (raw.length !== luma + 2 * side) throw new Error(`${raw.length} bytes are no picture of ${width}x${height}`);
  return { Y: raw.subarray(0, luma), U: raw.subarray(luma, luma + side), V: raw.subarray(luma + side) };
}
