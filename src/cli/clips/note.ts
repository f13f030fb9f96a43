import type { ClipRecord } from '../../catalog/clips/clip-record.ts';
import { type CliCommand, EXIT, UsageError } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { only, readOptions } from '../options.ts';

const WORDS = ['label', 'place', 'events', 'notes', 'class'] as const;

export const NOTE: CliCommand = {
  name: 'clips note',
  summary: 'write words to a clip, by which it can be found',
  usage: `cambox clips note CLIP [--label TEXT] [--place TEXT] [--events TEXT] [--notes TEXT] [--class NAME] [--json]

What is not given stays as it is. --class tells which rule of age it has: retention.class_max_age_days of the config; ''
takes its class away.

${SOCKET_USAGE}`,

  async run(args, io) {
    const text = { type: 'string' } as const;
    const { values, positionals } = readOptions(args, {
      ...{ ...SOCKET_OPTION, json: { type: 'boolean' } },
      ...{ label: text, place: text, events: text, notes: text, class: text },
    });
    const clip = only(positionals, 'CLIP');
    const words = Object.fromEntries(
      WORDS.map((name) => [name, values[name]]).filter(([, value]) => value !== undefined),
    );
    if (Object.keys(words).length === 0) throw new UsageError(`give one of --${WORDS.join(', --')}`);
    const record = (await askDaemon(io, values.socket, 'clip.note', { clip, ...words })) as ClipRecord;
    io.print(values.json ? JSON.stringify(record) : `${record.clip}  noted`);
    return EXIT.ok;
  },
};
