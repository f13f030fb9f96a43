import type { ClipDetails } from '../../catalog/clips/trigger-record.ts';
import { type CliCommand, EXIT } from '../cli-command.ts';
import { only, readOptions } from '../options.ts';
import { alignColumns } from '../text-columns.ts';
import { askForClip, CATALOGUE_OPTIONS, CATALOGUE_USAGE } from './ask-catalogue.ts';

export const SHOW: CliCommand = {
  name: 'clips show',
  summary: 'show all that the catalogue has of a clip',
  usage: `cambox clips show CLIP [--json]

${CATALOGUE_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, { ...CATALOGUE_OPTIONS, json: { type: 'boolean' } });
    const record = await askForClip(io, values, only(positionals, 'CLIP'));
    if (values.json) io.print(JSON.stringify(record));
    else for (const line of describe(record)) io.print(line);
    return EXIT.ok;
  },
};

function describe({ gaps, triggers, ...fields }: ClipDetails): string[] {
  const asked = triggers.map(({ at, outcome, door, by, request, pre_asked_ms }) => [
    'trigger',
    `${at} ${outcome} over ${door}${by === undefined ? '' : ` by ${by}`}, request ${request}, ${pre_asked_ms} ms before it`,
  ]);
  const holes = gaps.map(({ at_ms, lost_ms, frames, where }) => [
    'gap',
    `at ${at_ms} ms, ${lost_ms} ms, ${frames} frames, ${where}`,
  ]);
  return alignColumns([...Object.entries(fields).map(([name, value]) => [name, String(value)]), ...asked, ...holes]);
}
