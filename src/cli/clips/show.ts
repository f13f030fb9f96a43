import type { RecordedMemory } from '../../catalog/clips/clip-record.ts';
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

function describe({ gaps, triggers, memory, ...fields }: ClipDetails): string[] {
  const asked = triggers.map(({ at, outcome, door, by, request, pre_asked_ms }) => [
    'trigger',
    `${at} ${outcome} over ${door}${by === undefined ? '' : ` by ${by}`}, request ${request}, ${pre_asked_ms} ms before it`,
  ]);
  const holes = gaps.map(({ at_ms, lost_ms, frames, where }) => [
    'gap',
    `at ${at_ms} ms, ${lost_ms} ms, ${frames} frames, ${where}`,
  ]);
  const needed = memory === undefined ? [] : [['ffmpeg', memoryText(memory)]];
  const rows = Object.entries(fields).map(([name, value]) => [name, String(value)]);
  return alignColumns([...rows, ...needed, ...asked, ...holes]);
}

function memoryText({ by, cap_bytes, peak_bytes, held_bytes, cpu_ms }: RecordedMemory): string {
  const [peak, held, cap] = [peak_bytes, held_bytes, cap_bytes].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  return `${peak} MB at its peak, ${held} of them held, cap ${cap} (${by})${cpu_ms === undefined ? '' : `, ${cpu_ms} ms of CPU`}`;
}
