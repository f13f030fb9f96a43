import { type FileHandle, link, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CamboxError } from '../base/errors.ts';
import { notWritable } from './record-directory.ts';

/** Not `.partial`: those are recordings, of which a part is worth keeping. */
export const UNFINISHED = '.part';

/**
 * A file that is there whole or not at all: a program writes `<path>.part`, which gets its name when it is done. One that is
 * there is never overwritten.
 */
export class WholeFile {
  readonly path: string;
  /** For the program that writes it. */
  readonly partial: string;
  readonly #verb: string;

  /** `verb`: what is tried, for errors: "cut into". */
  constructor(path: string, verb: string) {
    this.path = path;
    this.partial = `${path}${UNFINISHED}`;
    this.#verb = verb;
  }

  /**
   * Make the partial file, empty. Throws `conflict` when the file or its partial one is there, and `not_writable`.
   */
  async claim(): Promise<void> {
    if (await exists(this.path))
      throw this.#taken('the file is there already', 'Choose another name or folder, or remove it');
    try {
      await using _ = await open(this.partial, 'wx');
    } catch (cause) {
      const failure = cause as NodeJS.ErrnoException;
      if (failure.code !== 'EEXIST') {
        throw new CamboxError('not_writable', {
          verb: this.#verb,
          thing: this.path,
          reason: failure.message,
          remedy: 'Choose a folder that you may write into',
          cause,
        });
      }
      const remedy = `If nothing writes it any more, remove ${this.partial}`;
      throw this.#taken('something writes it, or was killed while it did', remedy);
    }
  }

  open(flags: 'r' | 'r+'): Promise<FileHandle> {
    return open(this.partial, flags);
  }

  /** fsync, give it its name, fsync the folder. Returns its size. Throws `conflict` when the name is taken by now. */
  async publish(): Promise<number> {
    await using file = await this.open('r+');
    await file.sync();
    const { size } = await file.stat();
    await this.#rename();
    await using folder = await open(dirname(this.path), 'r');
    await folder.sync();
    return size;
  }

  /** Remove the partial file, if there is one. */
  async discard(): Promise<void> {
    await unlink(this.partial).catch((failure: NodeJS.ErrnoException) => {
      if (failure.code !== 'ENOENT') throw failure;
    });
  }

  /** link(2) does not overwrite, as rename(2) does; FAT has no links. */
  async #rename(): Promise<void> {
    try {
      await link(this.partial, this.path);
      await unlink(this.partial);
    } catch (failure) {
      const { code } = failure as NodeJS.ErrnoException;
      if (code === 'EEXIST' || (await exists(this.path))) throw this.#taken('the file has come up meanwhile');
      if (code !== 'EPERM' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw failure;
      await rename(this.partial, this.path);
    }
  }

  #taken(reason: string, remedy?: string): CamboxError {
    return new CamboxError('conflict', { verb: this.#verb, thing: this.path, reason, ...(remedy && { remedy }) });
  }
}

/** Remove what killed programs have left half-written in a folder. Returns the names. */
export async function removeLeftovers(folder: string): Promise<string[]> {
  const leftovers = (await readdir(folder)).filter((name) => name.endsWith(UNFINISHED));
  for (const name of leftovers) await unlink(join(folder, name));
  return leftovers;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw notWritable(dirname(path), failure as NodeJS.ErrnoException);
  }
}
