import { MADE_KINDS, type MadeRecord } from '../../catalog/clips/made-record.ts';
import type { CliCommand } from '../cli-command.ts';
import { askForMade } from './ask-catalogue.ts';
import { figures, printRows } from './clip-rows.ts';
import { listingUsage, readListing } from './listing.ts';

const CHOICE = { name: 'kind', value: 'KIND', of: MADE_KINDS } as const;

export const MADE: CliCommand = {
  name: 'clips made',
  summary: 'list what was made of clips, newest first',
  usage: `cambox clips made [options]

Cuts and timelapses that the daemon made. cambox clips rm removes one; when room is needed they go before clips.

${listingUsage(CHOICE)}`,

  async run(args, io) {
    const { place, asJson, filter } = readListing('made', args, CHOICE);
    const page = await askForMade(io, place, filter);
    const options = { asJson, io, none: 'nothing was made of clips', right: [2, 3] };
    return printRows(page, page.made.map(cells), options);
  },
};

const cells = (made: MadeRecord): readonly string[] => [made.file, ...figures(made.made_at, made), made.kind];
