import type { ClipRecord } from '../../catalog/clips/clip-record.ts';
import { type CliCommand, EXIT } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { only, readOptions } from '../options.ts';

export const PROTECT: CliCommand = {
  name: 'clips protect',
  summary: 'keep a clip whatever room is needed',
  usage: `cambox clips protect CLIP [--off] [--json]

  --off           no longer
${SOCKET_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...SOCKET_OPTION,
      off: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const change = { clip: only(positionals, 'CLIP'), protected: !values.off };
    const record = (await askDaemon(io, values.socket, 'clip.protect', change)) as ClipRecord;
    io.print(
      values.json ? JSON.stringify(record) : `${record.clip}  ${record.protected ? 'protected' : 'not protected'}`,
    );
    return EXIT.ok;
  },
};
