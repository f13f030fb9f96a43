import { open, rm, stat } from 'node:fs/promises';
import { CamboxError } from '../../base/errors.ts';

/** The catalogue's log, at its longest, and its index. */
export const SPARE_BYTES = 2 * 1024 * 1024;

/**
 * A file that only takes up room, to be given up on a disk so full that the catalogue cannot be opened: without it no clip
 * could be deleted in order.
 */
export class SpareRoom {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Try again without the file when the disk is full. */
  async orGiveUp<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (failure) {
      const isFull = failure instanceof CamboxError && ['disk_full', 'device_failed'].includes(failure.code);
      if (!(isFull && (await this.#exists()))) throw failure;
      await rm(this.#path);
      return await work();
    }
  }

  /** Take up the room. Throws what the system says. */
  async keep(): Promise<void> {
    if (await this.#exists()) return;
    await using file = await open(this.#path, 'w', 0o600);
    await file.writeFile(Buffer.alloc(SPARE_BYTES));
    await file.sync();
  }

  #exists(): Promise<boolean> {
    return stat(this.#path).then(
      ({ size }) => size >= SPARE_BYTES,
      () => false,
    );
  }
}
