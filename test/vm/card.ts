import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SIZE = '96M';
/** e2fsck: errors were corrected. After a power cut the log is replayed. */
const CORRECTED = 1;

/** A memory card: a file with an ext4 file system, to be a guest's second disk. */
export class Card {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(path: string): Promise<Card> {
    await run('/usr/sbin/mke2fs', ['-q', '-t', 'ext4', '-F', path, SIZE]);
    return new Card(path);
  }

  /** The card as it is now. */
  async copy(path: string): Promise<Card> {
    await copyFile(this.path, path);
    return new Card(path);
  }

  /** What a machine finds on it that mounts it: the log of the file system is replayed, the files are in `folder`. */
  async unpack(folder: string): Promise<void> {
    await run('/usr/sbin/e2fsck', ['-f', '-y', this.path]).catch((failure: { code?: number }) => {
      if (failure.code !== CORRECTED) throw failure;
    });
    await mkdir(folder);
    await run('/usr/sbin/debugfs', ['-R', `rdump / ${folder}`, this.path]);
    await rm(join(folder, 'lost+found'), { recursive: true, force: true });
  }
}
