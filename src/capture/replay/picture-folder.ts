import { closeSync, fstatSync, globSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CamboxError } from '../../base/errors.ts';
import type { Slot } from '../../frame/frame-arena.ts';
import { walkJpeg } from '../../jpeg/walk.ts';
import type { Pictures } from '../pictures.ts';
import { readWhole } from './read-whole.ts';

/** One JPEG a file, played in the order of their names (numbers inside names compare as numbers). */
export class PictureFolder implements Pictures {
  readonly width: number;
  readonly height: number;
  readonly #paths: readonly string[];

  private constructor(paths: readonly string[], size: { width: number; height: number }) {
    this.#paths = paths;
    this.width = size.width;
    this.height = size.height;
  }

  /** `pattern`: a folder, or a glob of files. Throws `bad_input` when there is no picture. */
  static open(pattern: string): PictureFolder {
    const isFolder = statSync(pattern, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const glob = isFolder ? join(pattern, '*.{jpg,jpeg,JPG,JPEG}') : pattern;
    const order = new Intl.Collator('en', { numeric: true });
    const paths = globSync(glob).sort((a, b) => order.compare(a, b));
    const first = paths[0];
    if (first === undefined) {
      throw new CamboxError('bad_input', {
        verb: 'replay',
        thing: pattern,
        reason: isFolder ? 'the folder holds no .jpg or .jpeg file' : 'no such file, and no file matches it as a glob',
        remedy: 'Give a folder of JPEGs, a quoted glob such as "shots/*.jpg", or a .mjpeg file.',
      });
    }
    const layout = walkJpeg(readFileSync(first));
    return new PictureFolder(paths, typeof layout === 'string' ? { width: 0, height: 0 } : layout);
  }

  get count(): number {
    return this.#paths.length;
  }

  copy(index: number, take: (length: number) => Slot | undefined): Slot | undefined {
    const path = this.#paths[index]!;
    const fd = openSync(path, 'r');
    try {
      const slot = take(fstatSync(fd).size);
      if (slot !== undefined) readWhole(fd, path, slot, 0);
      return slot;
    } finally {
      closeSync(fd);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held open between pictures.
  }
}
