import { MADE_KINDS } from '../../catalog/made-record.ts';
import type { MadePage } from '../../catalog/made-table.ts';
import { type CliCommand, EXIT, UsageError } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { choiceOption, numberOption, readOptions } from '../options.ts';
import { alignColumns } from '../text-columns.ts';
import { figures } from './clip-rows.ts';

export const MADE: CliCommand = {
  name: 'clips made',
  summary: 'list what was made of clips, newest first',
  usage: `cambox clips made [--camera ID] [--kind ${MADE_KINDS.join('|')}] [--limit N] [--after CURSOR] [--json]

cambox clips rm removes one; when room is needed they go before clips.

${SOCKET_USAGE}`,

  async run(args, io) {
    const text = { type: 'string' } as const;
    const { values, positionals } = readOptions(args, {
      ...SOCKET_OPTION,
      ...{ camera: text, kind: text, limit: text, after: text, json: { type: 'boolean' } },
    });
    if (positionals.length > 0) throw new UsageError(`made takes no words: received ${positionals.join(' ')}`);
    const kind = choiceOption('kind', values.kind, MADE_KINDS);
    const limit = numberOption('limit', values.limit, { least: 1, most: 100, whole: true });
    const page = (await askDaemon(io, values.socket, 'made.list', {
      ...(values.camera !== undefined && { camera: values.camera }),
      ...(kind !== undefined && { kind }),
      ...(limit !== undefined && { limit }),
      ...(values.after !== undefined && { cursor: values.after }),
    })) as MadePage;
    if (values.json) {
      io.print(JSON.stringify(page));
      return EXIT.ok;
    }
    if (page.made.length === 0) io.note('nothing was made of clips');
    else
      for (const line of alignColumns(
        page.made.map((made) => [made.file, ...figures(made.made_at, made), made.kind]),
        [2, 3],
      ))
        io.print(line);
    if (page.next !== undefined) io.note(`more: --after ${page.next}`);
    return EXIT.ok;
  },
};
