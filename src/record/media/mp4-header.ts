import type { FileHandle } from 'node:fs/promises';
import { BOX_HEADER_BYTES, readBoxHeader } from './mp4-fragment.ts';

/** The `moov` box of a file: what its header tells of the whole. */
export interface Mp4Header {
  readonly body: Uint8Array;
  /** Where the body stands in the file. */
  readonly at: number;
}

/** `ftyp`, perhaps `free`, then `moov`: it is not looked for any further. */
const MOST_BOXES = 4;
const MOST_BYTES = 1 << 20;

/** Read the header of an MP4 as we write it; undefined when the file does not begin with one. */
export async function readMp4Header(file: FileHandle): Promise<Mp4Header | undefined> {
  const header = Buffer.alloc(BOX_HEADER_BYTES);
  let at = 0;
  for (let i = 0; i < MOST_BOXES; i++) {
    const { bytesRead } = await file.read(header, 0, header.length, at);
    const box = readBoxHeader(header.subarray(0, bytesRead), 0);
    if (box === undefined || box.size > MOST_BYTES) return undefined;
    if (box.type === 'moov') {
      const body = Buffer.alloc(box.size - box.headerBytes);
      const bodyAt = at + box.headerBytes;
      const read = await file.read(body, 0, body.length, bodyAt);
      return read.bytesRead === body.length ? { body, at: bodyAt } : undefined;
    }
    at += box.size;
  }
  return undefined;
}
