import type { ClipRecord } from '../../catalog/clip-record.ts';
import { type CliCommand, EXIT } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { only, readOptions } from '../options.ts';
import { alignColumns } from '../text-columns.ts';

export const SHOW: CliCommand = {
  name: 'clips show',
  summary: 'show all that the catalogue has of a clip',
  usage: `cambox clips show CLIP [--json]

${SOCKET_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, { ...SOCKET_OPTION, json: { type: 'boolean' } });
    const clip = only(positionals, 'CLIP');
    const record = (await askDaemon(io, values.socket, 'clip.get', { clip })) as ClipRecord;
    if (values.json) io.print(JSON.stringify(record));
    else for (const line of describe(record)) io.print(line);
    return EXIT.ok;
  },
};

function describe({ gaps, ...fields }: ClipRecord): string[] {
  const holes = gaps.map(({ at_ms, lost_ms, frames, where }) => [
    'gap',
    `at ${at_ms} ms, ${lost_ms} ms, ${frames} frames, ${where}`,
  ]);
  return alignColumns([...Object.entries(fields).map(([name, value]) => [name, String(value)]), ...holes]);
}
