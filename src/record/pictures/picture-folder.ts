import { readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BoundedQueue } from '../../base/bounded-queue.ts';
import { CamboxError } from '../../base/errors.ts';
import type { Frame } from '../../frame/frame.ts';
import { completeJpegPieces } from '../../jpeg/dht-injection.ts';
import { ensureWritableDirectory } from '../record-directory.ts';
import type { FrameStore } from './frame-store.ts';

/** Two seconds at 60 frames a second: what a slow card may take for one write. */
const MAX_WAITING = 120;
const DIGITS = 6;
const PICTURE = /^\d+\.jpg$/;

/** Frames as 000001.jpg, 000002.jpg … in a folder, in the order they come, one write at a time. */
export class PictureFolder implements FrameStore {
  readonly failed: Promise<CamboxError>;
  readonly #dir: string;
  readonly #waiting = new BoundedQueue<Frame>(MAX_WAITING);
  readonly #failure = Promise.withResolvers<CamboxError>();
  #writing: Promise<void> | undefined;
  #error: CamboxError | undefined;
  #taken = 0;
  #written = 0;
  #refused = 0;

  private constructor(dir: string) {
    this.#dir = dir;
    this.failed = this.#failure.promise;
  }

  /** The folder is made if it is missing. Throws `conflict` when it has numbered pictures already, `not_writable`. */
  static async open(path: string): Promise<PictureFolder> {
    const dir = resolve(path);
    await ensureWritableDirectory(dir);
    const found = (await readdir(dir)).find((name) => PICTURE.test(name));
    if (found === undefined) return new PictureFolder(dir);
    throw new CamboxError('conflict', {
      verb: 'store pictures in',
      thing: dir,
      reason: 'there are pictures already',
      received: found,
      remedy: 'Name another folder, or an empty one',
    });
  }

  get stored(): number {
    return this.#taken;
  }

  get refused(): number {
    return this.#refused;
  }

  offer(frame: Frame): void {
    if (this.#error !== undefined || !this.#waiting.push(frame)) {
      this.#refused += 1;
      return;
    }
    frame.retain();
    this.#taken += 1;
    this.#writing ??= this.#writeAll();
  }

  async finish(): Promise<void> {
    await this.#writing;
    if (this.#error !== undefined) throw this.#error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (let frame = this.#waiting.shift(); frame !== undefined; frame = this.#waiting.shift()) {
      using written = frame;
      if (this.#error !== undefined) this.#giveUp();
      else await this.#write(written);
    }
    this.#writing = undefined;
  }

  async #write(frame: Frame): Promise<void> {
    const path = join(this.#dir, `${String(this.#written + 1).padStart(DIGITS, '0')}.jpg`);
    try {
      await writeFile(path, completeJpegPieces(frame.bytes, frame.jpeg));
      this.#written += 1;
    } catch (cause) {
      this.#giveUp();
      await rm(path, { force: true }).catch(() => undefined); // half a picture; the failure that counts is the first
      const { code, message } = cause as NodeJS.ErrnoException;
      this.#error = new CamboxError(code === 'ENOSPC' ? 'disk_full' : 'not_writable', {
        verb: 'write',
        thing: path,
        reason: message,
        cause,
      });
      this.#failure.resolve(this.#error);
    }
  }

  /** A frame that was taken is not stored after all. */
  #giveUp(): void {
    this.#taken -= 1;
    this.#refused += 1;
  }
}
