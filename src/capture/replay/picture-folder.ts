import {
  closeSync,
  type Dirent,
  fstatSync,
  globSync,
  openSync,
  readdirSync,
  readFileSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { CamboxError } from '../../base/errors.ts';
import type { Slot } from '../../frame/frame-arena.ts';
import { walkWhole } from '../../jpeg/source-walk.ts';
import type { Pictures } from '../pictures.ts';
import { readWhole } from './read-whole.ts';

/** What stands in a folder beside pictures under such a name begins with a dot (macOS: "._001.jpg"). */
const PICTURE_NAME = /^[^.].*\.jpe?g$/i;

/** One JPEG a file, played in the order of their names (numbers inside names compare as numbers). */
export class PictureFolder implements Pictures {
  readonly width: number;
  readonly height: number;
  readonly #paths: readonly string[];

  private constructor(paths: readonly string[], size: { readonly width: number; readonly height: number }) {
    this.#paths = paths;
    this.width = size.width;
    this.height = size.height;
  }

  /** `pattern`: a folder, or a glob of files. Throws `bad_input` when there is no picture. */
  static open(pattern: string): PictureFolder {
    const isFolder = statOf(pattern)?.isDirectory() ?? false;
    const entries = isFolder
      ? readdirSync(pattern, { withFileTypes: true }).filter(({ name }) => PICTURE_NAME.test(name))
      : globSync(pattern, { withFileTypes: true });
    const order = new Intl.Collator('en', { numeric: true });
    const paths = entries
      .filter(isFile)
      .map(pathOf)
      .sort((a, b) => order.compare(a, b));
    if (paths.length === 0) {
      throw new CamboxError('bad_input', {
        verb: 'replay',
        thing: pattern,
        reason: isFolder ? 'the folder holds no .jpg or .jpeg file' : 'no such file, and no file matches it as a glob',
        remedy: 'Give a folder of JPEGs, a quoted glob such as "shots/*.jpg", or a .mjpeg file.',
      });
    }
    return new PictureFolder(paths, sizeOfFirstWhole(paths));
  }

  get count(): number {
    return this.#paths.length;
  }

  copy(index: number, take: (length: number) => Slot | undefined): Slot | undefined | 'unreadable' {
    const path = this.#paths[index]!;
    const fd = openIfThere(path);
    if (fd === undefined) return 'unreadable';
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

const pathOf = ({ parentPath, name }: Dirent): string => join(parentPath, name);

/** A file, or a link to one. */
const isFile = (entry: Dirent): boolean =>
  entry.isFile() || (entry.isSymbolicLink() && (statOf(pathOf(entry))?.isFile() ?? false));

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

/** Undefined for one that was removed, or made unreadable, while the others are played. */
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined; // counted as unreadable
  }
}

/** Nothing by nothing when none is whole: who plays them counts why. */
function sizeOfFirstWhole(paths: readonly string[]): { readonly width: number; readonly height: number } {
  for (const path of paths) {
    const fd = openIfThere(path);
    if (fd === undefined) continue;
    try {
      const layout = walkWhole(readFileSync(fd));
      if (typeof layout !== 'string') return layout;
    } finally {
      closeSync(fd);
    }
  }
  return { width: 0, height: 0 };
}
