import type { FileHandle } from 'node:fs/promises';

/** What brings a file's bytes to the disk; a file handle does. */
export type SyncedFile = Pick<FileHandle, 'datasync'>;

/**
 * fsync for many: whoever asks gets the next fsync that begins after the question, and shares it with all who asked
 * meanwhile. It runs on libuv's threads; the event loop never waits for the disk.
 */
export class DiskSync {
  readonly #file: SyncedFile;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(file: SyncedFile) {
    this.#file = file;
  }

  /** Resolves when all that was written before the call is on the disk; rejects with the system's error. */
  request(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#startNext(),
      () => this.#startNext(),
    );
    return this.#next;
  }

  #startNext(): Promise<void> {
    this.#next = undefined;
    return this.#start();
  }

  #start(): Promise<void> {
    const done = (): void => {
      if (this.#running === running) this.#running = undefined;
    };
    const running = this.#file.datasync();
    this.#running = running;
    running.then(done, done);
    return running;
  }
}
