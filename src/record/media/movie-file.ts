import type { FileHandle } from 'node:fs/promises';
import { BOX_HEADER_BYTES, readBoxHeader } from './mp4-fragment.ts';
import { type Movie, readMovie } from './mp4-movie.ts';
import type { Patch } from './shown-part.ts';

/** The header of a day of video; more is none of ours. */
const MAX_MOOV_BYTES = 256 << 20;

/** The `moov` of a whole MP4, and where its body begins in the file. */
export interface MovieInFile {
  readonly movie: Movie;
  readonly body: Uint8Array;
  readonly bodyAt: number;
}

/** Undefined when there is none that can be read. */
export async function findMovie(file: FileHandle): Promise<MovieInFile | undefined> {
  const { size } = await file.stat();
  const header = Buffer.alloc(BOX_HEADER_BYTES);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await file.read(header, 0, header.length, at);
    const box = readBoxHeader(header.subarray(0, bytesRead), 0);
    if (box === undefined || at + box.size > size) return undefined;
    if (box.type === 'moov') {
      if (box.size > MAX_MOOV_BYTES) return undefined;
      const bodyAt = at + box.headerBytes;
      const body = Buffer.alloc(box.size - box.headerBytes);
      await file.read(body, 0, body.length, bodyAt);
      const movie = readMovie(body);
      return movie && { movie, body, bodyAt };
    }
    at += box.size;
  }
  return undefined;
}

/** Overwrite numbers of the `moov` in place. */
export async function patchMovie(file: FileHandle, bodyAt: number, patches: readonly Patch[]): Promise<void> {
  for (const { at, bytes, value } of patches) {
    const number = Buffer.alloc(bytes);
    if (bytes === 8) number.writeBigUInt64BE(BigInt(value));
    else number.writeUInt32BE(value);
    await file.write(number, 0, bytes, bodyAt + at);
  }
}
