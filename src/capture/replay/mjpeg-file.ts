import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { CamboxError } from '../../base/errors.ts';
import type { Slot } from '../../frame/frame-arena.ts';
import { walkWhole } from '../../jpeg/source-walk.ts';
import type { Pictures } from '../pictures.ts';
import { PictureBoundaries, type PictureSpan } from './picture-boundaries.ts';
import { readWhole } from './read-whole.ts';

const CHUNK_BYTES = 1 << 20;
/** Ten hours at 30 a second; 32 MB of index. */
const MAX_PICTURES = 1 << 20;
/** What is longer is no picture but a file that begins like one; RTP/JPEG can carry half of it. */
const MAX_PICTURE_BYTES = 1 << 25;

/** A file of concatenated JPEGs (.mjpeg, or a single .jpg). Indexed once at open; pictures are read as they are played. */
export class MjpegFile implements Pictures {
  readonly width: number;
  readonly height: number;
  readonly #path: string;
  readonly #spans: readonly PictureSpan[];
  readonly #fd: number;
  #open = true;

  private constructor(
    path: string,
    spans: readonly PictureSpan[],
    fd: number,
    size: { width: number; height: number },
  ) {
    this.#path = path;
    this.#spans = spans;
    this.#fd = fd;
    this.width = size.width;
    this.height = size.height;
  }

  /** Throws `bad_input` when no picture in the file is whole. System errors come as they are, with their code. */
  static async open(path: string): Promise<MjpegFile> {
    const spans = await indexPictures(path);
    const fd = openSync(path, 'r');
    for (const { offset, length } of spans) {
      if (length > MAX_PICTURE_BYTES) continue;
      const picture = new Uint8Array(length);
      readSync(fd, picture, 0, length, offset);
      const layout = walkWhole(picture);
      if (typeof layout !== 'string') return new MjpegFile(path, spans, fd, layout);
    }
    closeSync(fd);
    throw new CamboxError('bad_input', {
      verb: 'replay',
      thing: path,
      reason: spans.length === 0 ? 'it holds no JPEG' : `none of its ${spans.length} pictures is whole`,
      remedy: 'Give a file of concatenated JPEGs, e.g. made by: ffmpeg -i VIDEO -c:v mjpeg -huffman default OUT.mjpeg',
    });
  }

  get count(): number {
    return this.#spans.length;
  }

  copy(index: number, take: (length: number) => Slot | undefined): Slot | undefined {
    const span = this.#spans[index]!;
    const slot = take(span.length);
    if (slot !== undefined) readWhole(this.#fd, this.#path, slot, span.offset);
    return slot;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }
}

async function indexPictures(path: string): Promise<PictureSpan[]> {
  const spans: PictureSpan[] = [];
  const boundaries = new PictureBoundaries();
  await using file = await open(path, 'r');
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return [...spans, ...boundaries.finish()];
    for (const span of boundaries.push(chunk.subarray(0, bytesRead))) spans.push(span);
    if (spans.length > MAX_PICTURES) {
      throw new CamboxError('too_large', {
        verb: 'replay',
        thing: path,
        reason: `it holds more than ${MAX_PICTURES} pictures`,
        remedy: 'Split the file.',
      });
    }
  }
}
