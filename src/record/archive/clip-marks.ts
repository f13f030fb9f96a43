import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { asCamboxError } from '../../base/errors.ts';
import { type ClipRecord, clipWordsOf } from '../../catalog/clips/clip-record.ts';
import { writeClipWords } from '../clip/clip-metadata-file.ts';
import type { DeletionDeps } from './delete-in-steps.ts';
import { markProtected, whileWritable } from './protection-mark.ts';

/** What is said of clips in their files, too, which survive the catalogue: protection, words of people. One after the other. */
export class ClipMarks {
  readonly #deps: DeletionDeps;
  #saying: Promise<void> = Promise.resolve();

  constructor(deps: DeletionDeps) {
    this.#deps = deps;
  }

  /** Resolves when nothing is under way. Never rejects. */
  get settled(): Promise<void> {
    return this.#saying;
  }

  /** Never rejects: what the disk refuses is logged. */
  protection(record: ClipRecord): Promise<void> {
    return this.#inFile(record, (path) => markProtected(path, record.protected));
  }

  /** `latest` tells what is to be written when it is its turn: another change may have come meanwhile. Never rejects. */
  words(record: ClipRecord, latest: () => ClipRecord): Promise<void> {
    return this.#inFile(record, async (path) => {
      const words = { class: '', ...clipWordsOf(latest()) };
      await whileWritable(path, async () => {
        await using file = await open(path, 'r+');
        if (await writeClipWords(file, words)) await file.datasync();
      });
    });
  }

  #inFile({ clip, file }: ClipRecord, work: (path: string) => Promise<void>): Promise<void> {
    const { dir, logger } = this.#deps;
    this.#saying = this.#saying
      .then(() => work(join(dir, file)))
      .catch((failure) => {
        const { code, message } = asCamboxError(failure, 'write', file);
        logger.warn('clip_not_marked', { clip, code, problem: message });
      });
    return this.#saying;
  }
}
