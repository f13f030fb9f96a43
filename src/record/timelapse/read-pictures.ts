import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exifTimeMs } from '../../jpeg/exif/exif-time.ts';
import { findEoi, walkJpeg } from '../../jpeg/walk.ts';
import type { TimedPicture } from './picture-slots.ts';

const JPEG = /\.jpe?g$/i;
/** Exif stands in the first segment of a JPEG, which has 64 KB at most. */
const HEAD_BYTES = 66_000;

/** Baseline, extended, progressive, lossless (T.81 §B.1.1.3); behind it hierarchical and arithmetic coding. */
const LAST_DECODED_SOF = 0xc3;

export const isPictureName = (name: string): boolean => JPEG.test(name) && !name.startsWith('.');

/** The pictures of a folder, sorted as people count: 2 before 10. Throws what readdir(3) says. */
export async function picturesIn(folder: string): Promise<string[]> {
  return naturalOrder((await readdir(folder)).filter(isPictureName)).map((name) => join(folder, name));
}

/** Sorted as people count. */
export function naturalOrder(names: readonly string[]): string[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return names.toSorted((a, b) => compare(a, b) || (a < b ? -1 : 1));
}

/** When each was taken: by its Exif, else by the time of its file. Those that cannot be looked at are left out. */
export async function timePictures(paths: readonly string[], wantExif: boolean): Promise<TimedPicture[]> {
  const timed: TimedPicture[] = [];
  for (const path of paths) {
    const takenMs = await takenAt(path, wantExif).catch(() => undefined); // told when it is read
    timed.push({ path, takenMs: takenMs ?? timed.at(-1)?.takenMs ?? 0 });
  }
  return timed;
}

async function takenAt(path: string, wantExif: boolean): Promise<number> {
  if (wantExif) {
    await using file = await open(path, 'r');
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const ms = exifTimeMs(head.subarray(0, bytesRead));
    if (ms !== undefined) return ms;
  }
  return (await stat(path)).mtimeMs;
}

/** What keeps a picture from being shown; undefined: it can be. Reads all of it. */
export async function pictureFault(path: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (failure) {
    return (failure as Error).message;
  }
  if (path.includes('\n')) return 'its name has a line break in it';
  const layout = walkJpeg(bytes);
  if (typeof layout === 'string') return bytes.length === 0 ? 'it is empty' : `it is no picture (${layout})`;
  if (layout.sof > LAST_DECODED_SOF)
    return 'it is a JPEG of a kind that ffmpeg does not decode (hierarchical, or arithmetic coding)';
  return findEoi(bytes, layout.scanStart) === -1 ? 'it is cut off' : undefined;
}
