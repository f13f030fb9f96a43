import type { ClipPage } from '../../catalog/clips/clip-page.ts';
import type { MadePage, MadeQuery } from '../../catalog/clips/made-table.ts';
import type { ClipDetails } from '../../catalog/clips/trigger-record.ts';
import type { TriggerPage, TriggerQuery } from '../../catalog/clips/trigger-table.ts';
import type { AnyCommand } from '../../control/command.ts';
import { clipGet } from '../../control/commands/clip-get.ts';
import { clipList } from '../../control/commands/clip-list.ts';
import { clipSearch } from '../../control/commands/clip-search.ts';
import { madeList } from '../../control/commands/made-list.ts';
import { triggerList } from '../../control/commands/trigger-list.ts';
import { clipQuery } from '../../control/schemas/clip-records.ts';
import { StoredCatalogue } from '../../record/archive/stored-catalogue.ts';
import { askOrRead, type Place } from '../ask-or-read.ts';
import type { CliIo } from '../cli-command.ts';
import { SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';

/** Options and help text of the commands that look into the catalogue, with a daemon or without. */
export const CATALOGUE_OPTIONS = { ...SOCKET_OPTION, dir: { type: 'string' }, config: { type: 'string' } } as const;
export const CATALOGUE_USAGE = `${SOCKET_USAGE}

When no daemon runs, the catalogue is read as it was left:
  --config FILE   the config of the service, which tells where (/etc/cambox/config.json)
  --dir FOLDER    the catalogue of this folder, whether a daemon runs or not: of a card from elsewhere`;

type Filter = Readonly<Record<string, unknown>>;

/** `filter` holds the arguments of clip.list or, with `words`, of clip.search. Throws as these. */
export const askForPage = (io: CliIo, place: Place, filter: Filter): Promise<ClipPage> =>
  ask(io, place, 'words' in filter ? clipSearch : clipList, filter, (catalogue, args) =>
    catalogue.find(clipQuery(args as Parameters<typeof clipQuery>[0])),
  );

/** Throws `not_found`. */
export const askForClip = (io: CliIo, place: Place, clip: string): Promise<ClipDetails> =>
  ask(io, place, clipGet, { clip }, (catalogue) => catalogue.get(clip));

/** `filter` holds the arguments of made.list. Throws as that. */
export const askForMade = (io: CliIo, place: Place, filter: Filter): Promise<MadePage> =>
  ask(io, place, madeList, filter, (catalogue, args) => catalogue.made(args as MadeQuery));

/** `filter` holds the arguments of trigger.list. Throws as that. */
export const askForTriggers = (io: CliIo, place: Place, filter: Filter): Promise<TriggerPage> =>
  ask(io, place, triggerList, filter, (catalogue, args) => catalogue.triggers(args as TriggerQuery));

async function ask<Answer>(
  io: CliIo,
  place: Place,
  command: AnyCommand,
  args: object,
  read: (catalogue: StoredCatalogue, args: unknown) => Answer,
): Promise<Answer> {
  return await askOrRead(io, place, { command, args }, (dir, parsed) => {
    using catalogue = StoredCatalogue.open(dir);
    return read(catalogue, parsed);
  });
}
