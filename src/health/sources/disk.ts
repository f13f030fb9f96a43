import { access, constants, statfs } from 'node:fs/promises';
import type { DiskReading } from '../readings.ts';

/** The file system of a folder; undefined when the folder is not there (yet). */
export async function readDisk(folder: string): Promise<DiskReading | undefined> {
  let stats: Awaited<ReturnType<typeof statfs>>;
  try {
    stats = await statfs(folder);
  } catch {
    return undefined;
  }
  return {
    totalBytes: stats.blocks * stats.bsize,
    freeBytes: stats.bavail * stats.bsize,
    writable: await isWritable(folder),
  };
}

/** Also false when the kernel has remounted a failing disk read-only (EROFS). */
const isWritable = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
