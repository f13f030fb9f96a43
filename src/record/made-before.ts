import { open } from 'node:fs/promises';
import { findMovie } from './media/movie-file.ts';
import { type ShownPart, shownPart } from './media/shown-part.ts';

/** A whole video, and what is shown of it. */
export interface MadeVideo {
  readonly shown: ShownPart;
  readonly bytes: number;
}

/**
 * What an earlier attempt at the same job has made under this name: a `WholeFile` is there whole or not at all, and its name
 * says what is in it. Undefined when it made nothing.
 */
export async function madeBefore(path: string): Promise<MadeVideo | undefined> {
  const file = await open(path, 'r').catch((failure: NodeJS.ErrnoException) => {
    if (failure.code !== 'ENOENT') throw failure;
    return undefined;
  });
  if (file === undefined) return undefined;
  await using handle = file;
  const found = await findMovie(handle);
  const shown = found && shownPart(found.movie);
  if (shown === undefined || shown.frames === 0) return undefined;
  return { shown, bytes: (await handle.stat()).size };
}
