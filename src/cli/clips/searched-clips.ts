import { CamboxError } from '../../base/errors.ts';
import type { ClipPage } from '../../catalog/clip-table.ts';
import type { CliIo } from '../cli-command.ts';
import { askDaemon } from '../daemon-socket.ts';

const PAGE = 100;

/** The ids of all clips in which the running daemon finds these words. Throws `not_found` when there is none. */
export async function searchedClips(words: string, socket: string | undefined, io: CliIo): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = { words, limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const { clips, next } = (await askDaemon(io, socket, 'clip.search', page)) as ClipPage;
    ids.push(...clips.map(({ clip }) => clip));
    cursor = next;
  } while (cursor !== undefined);
  if (ids.length > 0) return ids;
  throw new CamboxError('not_found', { verb: 'find', thing: 'clips', reason: 'none has these words', received: words });
}
