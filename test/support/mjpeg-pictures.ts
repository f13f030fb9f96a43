import { findEoi, walkJpeg } from '../../src/jpeg/walk.ts';
import { ffmpegJpegs } from './jpegs.ts';

/** Cut concatenated JPEGs into pictures. */
export function splitJpegs(stream: Uint8Array): Uint8Array[] {
  const pictures: Uint8Array[] = [];
  let at = 0;
  while (at < stream.length) {
    const rest = stream.subarray(at);
    const layout = walkJpeg(rest);
    if (typeof layout === 'string') throw new Error(`byte ${at} is no picture: ${layout}`);
    const length = findEoi(rest, layout.scanStart) + 2;
    pictures.push(rest.subarray(0, length));
    at += length;
  }
  return pictures;
}

/** Pictures as a USB camera sends them: 4:2:2, standard tables. */
export const cameraPictures = (count: number, size = '320x240'): Uint8Array[] =>
  splitJpegs(ffmpegJpegs(count, size, ['-huffman', 'default', '-pix_fmt', 'yuvj422p', '-q:v', '5']));

/** The picture without its DHT segments, as many UVC cameras send it. */
export function withoutDht(jpeg: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [jpeg.subarray(0, 2)];
  let at = 2;
  while (jpeg[at + 1] !== 0xda) {
    const end = at + 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!);
    if (jpeg[at + 1] !== 0xc4) kept.push(jpeg.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...kept, jpeg.subarray(at)]);
}
