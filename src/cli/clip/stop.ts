import type { WholeClipResult } from '../../record/clip/clip.ts';
import { type CliCommand, EXIT, UsageError } from '../cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from '../daemon-socket.ts';
import { readOptions } from '../options.ts';
import { clipLine } from './clip-line.ts';

export const STOP: CliCommand = {
  name: 'clip stop',
  summary: 'end a clip that is being recorded, or all of a camera',
  usage: `cambox clip stop CAMERA [CLIP] [--json]

Waits until the files are in place; a clip with a post-roll ends when that is over, or at once when stopped a second time.

CLIP  the id of a clip, also that of its first file; all of the camera without it
${SOCKET_USAGE}

Exit codes: 0 they play to their end, 1 one ended early, 2 one was lost, or there is none.`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, { ...SOCKET_OPTION, json: { type: 'boolean' } });
    const [camera, clip, ...more] = positionals;
    if (camera === undefined) throw new UsageError('CAMERA is missing');
    if (more.length > 0) throw new UsageError(`one CLIP only: received also ${more.join(' ')}`);
    const request = { camera, ...(clip !== undefined && { clip }) };
    const { clips } = (await askDaemon(io, values.socket, 'clip.stop', request)) as {
      clips: readonly WholeClipResult[];
    };
    if (values.json) io.print(JSON.stringify({ clips }));
    else for (const ended of clips) io.print(clipLine(ended));
    if (clips.some(({ state }) => state === 'failed')) return EXIT.failure;
    return clips.every(({ state }) => state === 'ready') ? EXIT.ok : EXIT.warning;
  },
};
