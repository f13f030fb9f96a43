import { TRIGGER_OUTCOMES, type TriggerRecord } from '../../catalog/trigger-record.ts';
import { type CliCommand, UsageError } from '../cli-command.ts';
import { choiceOption, readOptions } from '../options.ts';
import { askForTriggers, CATALOGUE_OPTIONS, CATALOGUE_USAGE } from './ask-catalogue.ts';
import { filterArguments } from './clip-filter.ts';
import { printRows } from './clip-rows.ts';

export const TRIGGERS: CliCommand = {
  name: 'clips triggers',
  summary: 'list who asked for recordings, and what became of it',
  usage: `cambox clips triggers [options]

Newest first, also those that were refused.

  --camera ID        of this camera
  --outcome WHAT     ${TRIGGER_OUTCOMES.join(', ')}
  --limit N          so many at most (1 to 100)
  --after CURSOR     the next page, as the one before tells
  --json
${CATALOGUE_USAGE}`,

  async run(args, io) {
    const text = { type: 'string' } as const;
    const { values, positionals } = readOptions(args, {
      ...CATALOGUE_OPTIONS,
      ...{ camera: text, outcome: text, limit: text, after: text, json: { type: 'boolean' } },
    });
    if (positionals.length > 0) throw new UsageError(`triggers takes no words: received ${positionals.join(' ')}`);
    const outcome = choiceOption('outcome', values.outcome, TRIGGER_OUTCOMES);
    const { camera, limit, after } = values;
    const filter = filterArguments(
      { ...(camera && { camera }), ...(limit && { limit }), ...(after && { after }) },
      Date.now(),
    );
    const page = await askForTriggers(io, values, { ...filter, ...(outcome !== undefined && { outcome }) });
    return printRows(page, page.triggers.map(cells), { asJson: values.json, io, none: 'no triggers' });
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
