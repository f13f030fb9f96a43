import { findMovie, patchMovie } from '../media/movie-file.ts';
import { endAt, type ShownPart, shownPart } from '../media/shown-part.ts';
import type { WholeFile } from '../whole-file.ts';

/**
 * Look at what ffmpeg has written, and let it end where it should: undefined when it holds no picture that is shown.
 *
 * @param durationUs from when on nothing is shown; undefined: all there is
 */
export async function finishClip(file: WholeFile, durationUs: number | undefined): Promise<ShownPart | undefined> {
  await using handle = await file.open('r+');
  const found = await findMovie(handle);
  if (found === undefined) return undefined;
  const patches = durationUs === undefined ? [] : endAt(found.movie, durationUs / 1000);
  await patchMovie(handle, found.bodyAt, patches);
  const { movie } = patches.length === 0 ? found : ((await findMovie(handle)) ?? found);
  const shown = shownPart(movie);
  return shown === undefined || shown.frames === 0 ? undefined : shown;
}
