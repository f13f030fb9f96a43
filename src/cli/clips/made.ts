import { MADE_KINDS, type MadeRecord } from '../../catalog/made-record.ts';
import { type CliCommand, UsageError } from '../cli-command.ts';
import { choiceOption, readOptions } from '../options.ts';
import { askForMade, CATALOGUE_OPTIONS, CATALOGUE_USAGE } from './ask-catalogue.ts';
import { filterArguments } from './clip-filter.ts';
import { figures, printRows } from './clip-rows.ts';

export const MADE: CliCommand = {
  name: 'clips made',
  summary: 'list what was made of clips, newest first',
  usage: `cambox clips made [options]

Cuts and timelapses that the daemon made. cambox clips rm removes one; when room is needed they go before clips.

  --camera ID        of this camera
  --kind KIND        ${MADE_KINDS.join(', ')}
  --limit N          so many at most (1 to 100)
  --after CURSOR     the next page, as the one before tells
  --json
${CATALOGUE_USAGE}`,

  async run(args, io) {
    const text = { type: 'string' } as const;
    const { values, positionals } = readOptions(args, {
      ...CATALOGUE_OPTIONS,
      ...{ camera: text, kind: text, limit: text, after: text, json: { type: 'boolean' } },
    });
    if (positionals.length > 0) throw new UsageError(`made takes no words: received ${positionals.join(' ')}`);
    const kind = choiceOption('kind', values.kind, MADE_KINDS);
    const { camera, limit, after } = values;
    const filter = filterArguments(
      { ...(camera && { camera }), ...(limit && { limit }), ...(after && { after }) },
      Date.now(),
    );
    const page = await askForMade(io, values, { ...filter, ...(kind !== undefined && { kind }) });
    const options = { asJson: values.json, io, none: 'nothing was made of clips', right: [2, 3] };
    return printRows(page, page.made.map(cells), options);
  },
};

const cells = (made: MadeRecord): readonly string[] => [made.file, ...figures(made.made_at, made), made.kind];
