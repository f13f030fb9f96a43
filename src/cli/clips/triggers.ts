import { TRIGGER_OUTCOMES, type TriggerRecord } from '../../catalog/trigger-record.ts';
import type { TriggerPage } from '../../catalog/trigger-table.ts';
import { type CliCommand, EXIT, UsageError } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { choiceOption, numberOption, readOptions } from '../options.ts';
import { alignColumns } from '../text-columns.ts';

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
${SOCKET_USAGE}`,

  async run(args, io) {
    const text = { type: 'string' } as const;
    const { values, positionals } = readOptions(args, {
      ...SOCKET_OPTION,
      ...{ camera: text, outcome: text, limit: text, after: text, json: { type: 'boolean' } },
    });
    if (positionals.length > 0) throw new UsageError(`triggers takes no words: received ${positionals.join(' ')}`);
    const outcome = choiceOption('outcome', values.outcome, TRIGGER_OUTCOMES);
    const limit = numberOption('limit', values.limit, { least: 1, most: 100, whole: true });
    const page = (await askDaemon(io, values.socket, 'trigger.list', {
      ...(values.camera !== undefined && { camera: values.camera }),
      ...(outcome !== undefined && { outcome }),
      ...(limit !== undefined && { limit }),
      ...(values.after !== undefined && { cursor: values.after }),
    })) as TriggerPage;
    if (values.json) {
      io.print(JSON.stringify(page));
      return EXIT.ok;
    }
    if (page.triggers.length === 0) io.note('no triggers');
    else for (const line of alignColumns(page.triggers.map(cells))) io.print(line);
    if (page.next !== undefined) io.note(`more: --after ${page.next}`);
    return EXIT.ok;
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
