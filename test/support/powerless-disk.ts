import { readFileSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { SyncedFile } from '../../src/catalog/disk-sync.ts';

const PAGE_BYTES = 4096;

/**
 * Knows what of some files is surely on the disk: what they held when their last datasync began. What was written since
 * may be there or not, page by page, when the power is cut.
 */
export class PowerlessDisk {
  readonly #durable = new Map<string, Buffer>();

  /** Watches the datasyncs of a file. */
  watch(path: string, file: FileHandle): SyncedFile {
    this.#durable.set(path, readFileSync(path));
    return {
      datasync: async () => {
        const content = readFileSync(path);
        await file.datasync();
        this.#durable.set(path, content);
      },
    };
  }

  /** What the disk holds of `path` after a power cut now; `isNew` says for each page whether its last write arrived. */
  cutPower(path: string, to: string, isNew: () => boolean): void {
    const old = this.#durable.get(path) ?? Buffer.alloc(0);
    const current = readFileSync(path);
    const size = isNew() ? current.length : old.length;
    const result = Buffer.alloc(size);
    for (let at = 0; at < size; at += PAGE_BYTES) {
      // A file is cut short at once or not at all: pages behind its new end are the old ones.
      const source = at < current.length && isNew() ? current : old;
      if (at < source.length) source.copy(result, at, at, Math.min(at + PAGE_BYTES, size));
    }
    writeFileSync(to, result);
  }
}
