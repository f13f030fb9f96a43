import type { ClipPage } from '../../catalog/clip-table.ts';
import { type CliCommand, UsageError } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { readOptions } from '../options.ts';
import { FILTER_OPTIONS, FILTER_USAGE, filterArguments } from './clip-filter.ts';
import { printPage } from './clip-rows.ts';

export const LS: CliCommand = {
  name: 'clips ls',
  summary: 'list the clips of the box, newest first',
  usage: `cambox clips ls [options]

${FILTER_USAGE}
  --json
${SOCKET_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...FILTER_OPTIONS,
      ...SOCKET_OPTION,
      json: { type: 'boolean' },
    });
    if (positionals.length > 0) throw new UsageError(`ls takes no words: cambox clips search ${positionals.join(' ')}`);
    const filter = filterArguments(values, Date.now());
    const page = (await askDaemon(io, values.socket, 'clip.list', filter)) as ClipPage;
    return printPage(page, values.json, io);
  },
};
