import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CamboxError } from '../../base/errors.ts';
import type { PictureSize } from '../encoders/encoder-profile.ts';
import { writeShownSize } from '../media/shown-size.ts';
import { measureStoredClip, type StoredClip } from '../media/stored-clip.ts';
import { notWritable } from '../record-directory.ts';
import { syncDirectory } from '../sync-directory.ts';
import type { ClipOutcomeNote } from './clip-metadata.ts';
import { writeClipOutcome } from './clip-metadata-file.ts';

/**
 * The files of one clip in the recording directory: `<id>.mp4.partial` while ffmpeg writes, `<id>.mp4` when it is done.
 * The rename stays within the directory, so it happens at once or not at all.
 */
export class ClipFile {
  readonly partial: string;
  readonly path: string;

  readonly #shown: PictureSize | undefined;

  /** `shown`: the part of padded pictures that players are to show; undefined: all of them. */
  constructor(dir: string, id: string, shown?: PictureSize) {
    this.#shown = shown;
    this.path = join(dir, `${id}.mp4`);
    this.partial = `${this.path}.partial`;
  }

  /** Throws `conflict` when a file of this clip is there already, `not_writable` when it cannot be known. */
  async assertNew(): Promise<void> {
    for (const path of [this.path, this.partial]) {
      if (!(await exists(path))) continue;
      throw new CamboxError('conflict', {
        verb: 'record',
        thing: path,
        reason: 'the file exists already',
        remedy: 'Choose another clip id',
      });
    }
  }

  /** Wall clock in ms of when ffmpeg wrote last; undefined when it has not made the file yet. */
  async writtenAt(): Promise<number | undefined> {
    return (await stat(this.partial).catch(undefinedIfGone))?.mtimeMs;
  }

  /** Bring to the disk what ffmpeg has written so far; nothing when it has not made the file yet. */
  async sync(): Promise<void> {
    await using file = await openIfThere(this.partial);
    await file?.datasync();
  }

  /** Count what is there; undefined when ffmpeg never made the file. */
  async measure(): Promise<StoredClip | undefined> {
    await using file = await openIfThere(this.partial);
    return file && (await measureStoredClip(file));
  }

  /** Cut off what follows the last whole fragment. */
  async trim(wholeBytes: number): Promise<void> {
    await using file = await open(this.partial, 'r+');
    await file.truncate(wholeBytes);
  }

  /** Make it last: note in it what became of it, fsync the file, rename it, fsync the directory. Returns its size. */
  async publish(outcome: ClipOutcomeNote): Promise<number> {
    await using file = await open(this.partial, 'r+');
    if (this.#shown !== undefined) await writeShownSize(file, this.#shown);
    await writeClipOutcome(file, outcome);
    await file.sync();
    const { size } = await file.stat();
    await rename(this.partial, this.path);
    await syncDirectory(dirname(this.path));
    return size;
  }

  /** Remove the partial file, if there is one. */
  async discard(): Promise<void> {
    try {
      await unlink(this.partial);
    } catch (failure) {
      if (!isErrno(failure, 'ENOENT')) throw failure;
      return;
    }
    await syncDirectory(dirname(this.partial));
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (failure) {
    if (isErrno(failure, 'ENOENT')) return false;
    throw notWritable(dirname(path), failure as NodeJS.ErrnoException);
  }
}

const openIfThere = (path: string): Promise<FileHandle | undefined> => open(path, 'r').catch(undefinedIfGone);

function undefinedIfGone(failure: unknown): undefined {
  if (!isErrno(failure, 'ENOENT')) throw failure;
}

const isErrno = (failure: unknown, code: string): boolean =>
  failure instanceof Error && (failure as NodeJS.ErrnoException).code === code;
