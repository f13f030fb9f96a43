import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CamboxError } from '../../base/errors.ts';
import { ensureWritableDirectory } from '../record-directory.ts';
import type { ExportTarget, OpenSource } from './export-target.ts';
import { hashFile } from './hash-file.ts';

const PARTIAL = '.partial';
/** Manifests; a file that is larger is none. */
const MOST_TEXT_BYTES = 64 << 20;

/** A folder: a disk that was plugged in, a share. Files are written beside their place, brought to the disk, and renamed. */
export class FolderTarget implements ExportTarget {
  readonly name: string;
  readonly #signal: AbortSignal;

  private constructor(folder: string, signal: AbortSignal) {
    this.name = folder;
    this.#signal = signal;
  }

  /** Made when it is missing. Throws `not_writable`. */
  static async open(folder: string, signal: AbortSignal): Promise<FolderTarget> {
    const path = resolve(folder);
    try {
      await ensureWritableDirectory(path);
    } catch (cause) {
      const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
      const remedy = 'Name a folder that can be written with --to';
      throw new CamboxError('not_writable', { verb: 'export to', thing: path, reason, remedy, cause });
    }
    return new FolderTarget(path, signal);
  }

  async readText(file: string): Promise<string | undefined> {
    const path = join(this.name, file);
    try {
      return (await stat(path)).size > MOST_TEXT_BYTES ? undefined : await readFile(path, 'utf8');
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw this.#cannotWrite(file, failure);
    }
  }

  async has(file: string, bytes: number, sha256: string): Promise<boolean> {
    const path = join(this.name, file);
    const size = await stat(path).then(
      (about) => (about.isFile() ? about.size : undefined),
      () => undefined,
    );
    return size === bytes && (await hashFile(path, this.#signal)) === sha256;
  }

  async put(file: string, openSource: OpenSource): Promise<void> {
    const path = join(this.name, file);
    const partial = `${path}${PARTIAL}`;
    try {
      const { stream } = await openSource();
      await this.#write(partial, stream);
      await rename(partial, path);
      await this.#syncFolder();
    } catch (failure) {
      await rm(partial, { force: true });
      throw failure instanceof CamboxError || this.#signal.aborted ? failure : this.#cannotWrite(file, failure);
    }
  }

  async remove(file: string): Promise<void> {
    await rm(join(this.name, file), { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#syncFolder();
  }

  async #write(path: string, source: AsyncIterable<Uint8Array>): Promise<void> {
    await using handle = await open(path, 'w', 0o640);
    for await (const bytes of source) {
      this.#signal.throwIfAborted();
      await handle.writeFile(bytes); // all of them, from where it stands
    }
    await handle.sync();
  }

  async #syncFolder(): Promise<void> {
    await using handle = await open(this.name, 'r');
    await handle.sync();
  }

  #cannotWrite(file: string, cause: unknown): CamboxError {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    return new CamboxError(isFull ? 'disk_full' : 'not_writable', {
      verb: 'write',
      thing: join(this.name, file),
      reason: message,
      remedy: 'What was exported before stays; run it again when this is mended, and it goes on from there',
      cause,
    });
  }
}
