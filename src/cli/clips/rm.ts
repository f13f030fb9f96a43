import { asCamboxError } from '../../base/errors.ts';
import { type CliCommand, EXIT, UsageError } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { readOptions } from '../options.ts';

export const RM: CliCommand = {
  name: 'clips rm',
  summary: 'remove clips, files and entries',
  usage: `cambox clips rm CLIP... [--json]

CLIP may be a file of cambox clips made, too. Protected clips are refused. Exits with 2 when any could not be removed; the others are.

${SOCKET_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, { ...SOCKET_OPTION, json: { type: 'boolean' } });
    if (positionals.length === 0) throw new UsageError('CLIP is missing');
    let failed = 0;
    for (const clip of positionals) {
      try {
        const { bytes } = (await askDaemon(io, values.socket, 'clip.delete', { clip })) as { bytes: number };
        io.print(values.json ? JSON.stringify({ clip, deleted: true, bytes }) : `${clip}  deleted, ${bytes} bytes`);
      } catch (thrown) {
        failed += 1;
        const { code, message } = asCamboxError(thrown, 'delete', clip);
        if (values.json) io.print(JSON.stringify({ clip, deleted: false, code, message }));
        else io.note(`cambox clips rm: ${message}`);
      }
    }
    return failed === 0 ? EXIT.ok : EXIT.failure;
  },
};
