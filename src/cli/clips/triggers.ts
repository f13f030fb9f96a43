import { TRIGGER_OUTCOMES, type TriggerRecord } from '../../catalog/clips/trigger-record.ts';
import type { CliCommand } from '../cli-command.ts';
import { askForTriggers } from './ask-catalogue.ts';
import { printRows } from './clip-rows.ts';
import { listingUsage, readListing } from './listing.ts';

const CHOICE = { name: 'outcome', value: 'WHAT', of: TRIGGER_OUTCOMES } as const;

export const TRIGGERS: CliCommand = {
  name: 'clips triggers',
  summary: 'list who asked for recordings, and what became of it',
  usage: `cambox clips triggers [options]

Newest first, also those that were refused.

${listingUsage(CHOICE)}`,

  async run(args, io) {
    const { place, asJson, filter } = readListing('triggers', args, CHOICE);
    const page = await askForTriggers(io, place, filter);
    return printRows(page, page.triggers.map(cells), { asJson, io, none: 'no triggers' });
  },
};

const cells = ({ at, outcome, camera, clip, door, by, label, reason }: TriggerRecord): string[] => [
  `${at.slice(0, 19).replace('T', ' ')}Z`,
  outcome,
  camera,
  by === undefined ? door : `${door} ${by}`,
  label ?? '',
  reason ?? clip ?? '',
];
