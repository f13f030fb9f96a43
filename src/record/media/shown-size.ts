import type { FileHandle } from 'node:fs/promises';
import type { PictureSize } from '../encoders/encoder-profile.ts';
import { BOX_HEADER_BYTES, readBoxHeader } from './mp4-fragment.ts';
import { findSizeFields, sizeBytes } from './mp4-size.ts';

/** `ftyp`, perhaps `free`, then `moov`: it is not looked for any further. */
const MOST_BOXES = 4;
const MOST_BYTES = 1 << 20;

/** Write into the header of an MP4 what is to be shown of its pictures. A header that is not as expected stays as it is. */
export async function writeShownSize(file: FileHandle, size: PictureSize): Promise<void> {
  const header = Buffer.alloc(BOX_HEADER_BYTES);
  let at = 0;
  for (let i = 0; i < MOST_BOXES; i++) {
    const { bytesRead } = await file.read(header, 0, header.length, at);
    const box = readBoxHeader(header.subarray(0, bytesRead), 0);
    if (box === undefined || box.size > MOST_BYTES) return;
    if (box.type === 'moov') {
      await writeInto(file, at + box.headerBytes, box.size - box.headerBytes, size);
      return;
    }
    at += box.size;
  }
}

async function writeInto(file: FileHandle, bodyAt: number, length: number, size: PictureSize): Promise<void> {
  const moov = Buffer.alloc(length);
  await file.read(moov, 0, length, bodyAt);
  const fields = findSizeFields(moov);
  if (fields === undefined) return;
  const { track, entry } = sizeBytes(size);
  await file.write(track, 0, track.length, bodyAt + fields.track);
  await file.write(entry, 0, entry.length, bodyAt + fields.entry);
}
