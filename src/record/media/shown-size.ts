import type { FileHandle } from 'node:fs/promises';
import type { PictureSize } from '../encoders/encoder-profile.ts';
import { readMp4Header } from './mp4-header.ts';
import { findSizeFields, sizeBytes } from './mp4-size.ts';

/** Write into the header of an MP4 what is to be shown of its pictures. A header that is not as expected stays as it is. */
export async function writeShownSize(file: FileHandle, size: PictureSize): Promise<void> {
  const header = await readMp4Header(file);
  const fields = header && findSizeFields(header.body);
  if (header === undefined || fields === undefined) return;
  const { track, entry } = sizeBytes(size);
  await file.write(track, 0, track.length, header.at + fields.track);
  await file.write(entry, 0, entry.length, header.at + fields.entry);
}
