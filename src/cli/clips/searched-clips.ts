import { CamboxError } from '../../base/errors.ts';
import type { Place } from '../ask-or-read.ts';
import type { CliIo } from '../cli-command.ts';
import { askForPage } from './ask-catalogue.ts';

const PAGE = 100;

/** The ids of all clips with these words. Throws `not_found` when there is none. */
export async function searchedClips(words: string, place: Place, io: CliIo): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = { words, limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const { clips, next } = await askForPage(io, place, page);
    ids.push(...clips.map(({ clip }) => clip));
    cursor = next;
  } while (cursor !== undefined);
  if (ids.length > 0) return ids;
  throw new CamboxError('not_found', { verb: 'find', thing: 'clips', reason: 'none has these words', received: words });
}
