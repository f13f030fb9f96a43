import { ENCODER_WISHES } from '../../base/encoder-names.ts';
import { CamboxError } from '../../base/errors.ts';
import type { CommandResponse } from '../../control/response.ts';
import { requestOverSocket } from '../../control/socket/request-over-socket.ts';
import type { WholeClipResult } from '../../record/clip/clip.ts';
import { type CliCommand, type CliIo, EXIT } from '../cli-command.ts';
import { resultOf, SOCKET_OPTION, SOCKET_USAGE, socketPath } from '../daemon-socket.ts';
import { choiceOption, durationOption, only, readOptions } from '../options.ts';
import { clipLine } from './clip-line.ts';

export const START: CliCommand = {
  name: 'clip start',
  summary: 'record a clip of a camera, beginning in the past',
  usage: `cambox clip start CAMERA [options]

Waits for the end of the clip, and says what became of it. Ctrl-C ends the waiting, not the clip.

  --pre S          how much of the past it begins with (0); what the camera's pre_roll_s keeps, at most
  --duration S     how long it goes on from now: 30s, 5m, 1h; without it until cambox clip stop
  --post S         how long it goes on after it is stopped (0)
  --label TEXT     words to find it by
  --class NAME     which rule of age it has: retention.class_max_age_days of the config
  --extend         a clip of this label and class that is under way lasts as long as this one would, instead of another one
  --encoder NAME   ${ENCODER_WISHES.join(', ')}
  --detach         do not wait: print its id when it has begun
  --json
${SOCKET_USAGE}

Exit codes: 0 it is as asked for, 1 it ended early and plays, 2 there is no clip.`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...SOCKET_OPTION,
      pre: { type: 'string' },
      duration: { type: 'string' },
      post: { type: 'string' },
      label: { type: 'string' },
      class: { type: 'string' },
      extend: { type: 'boolean' },
      encoder: { type: 'string' },
      detach: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const { label, extend } = values;
    const duration_s = durationOption('duration', values.duration);
    const post_s = durationOption('post', values.post);
    const encoder = choiceOption('encoder', values.encoder, ENCODER_WISHES);
    const request = {
      camera: only(positionals, 'CAMERA'),
      pre_s: durationOption('pre', values.pre) ?? 0,
      ...(duration_s !== undefined && { duration_s }),
      ...(post_s !== undefined && { post_s }),
      ...(label !== undefined && { label }),
      ...(values.class !== undefined && { class: values.class }),
      ...(extend !== undefined && { extend }),
      ...(encoder !== undefined && { encoder }),
    };
    const socket = socketPath(io, values.socket);
    if (values.detach) {
      const clip = await begun(socket, request, io);
      io.print(values.json ? JSON.stringify({ clip }) : clip);
      return EXIT.ok;
    }
    const response = await requestOverSocket(socket, 'clip.start', request, { signal: io.signal }).catch(
      (failure: unknown) => {
        throw io.signal.aborted ? goesOn(request.camera) : failure;
      },
    );
    const clip = clipOf(response);
    if (clip === undefined || clip.state === 'failed') resultOf(response, 'clip.start');
    if (clip === undefined) return EXIT.failure;
    io.print(values.json ? JSON.stringify(clip) : clipLine(clip));
    return clip.state === 'ready' ? EXIT.ok : EXIT.warning;
  },
};

/** The id of the clip, as soon as it runs. */
async function begun(socket: string, request: object, io: CliIo): Promise<string> {
  const told = Promise.withResolvers<string>();
  const enough = new AbortController();
  const onProgress = ({ result }: CommandResponse): void => {
    const { clip } = Object(result) as { readonly clip?: unknown };
    if (typeof clip === 'string') told.resolve(clip);
  };
  const signal = AbortSignal.any([io.signal, enough.signal]);
  const over = requestOverSocket(socket, 'clip.start', request, { signal, onProgress });
  try {
    return await Promise.race([told.promise, over.then((response) => clipOf(response)?.clip ?? refused(response))]);
  } finally {
    enough.abort();
    await over.catch(() => undefined); // nobody waits for it any more
  }
}

function refused(response: CommandResponse): never {
  resultOf(response, 'clip.start');
  throw new CamboxError('internal', { verb: 'start', thing: 'a clip', reason: 'the daemon named none' });
}

/** Of an answer that has one: a clip that ended early is a failed command with a result. */
function clipOf({ result }: CommandResponse): WholeClipResult | undefined {
  return result === undefined ? undefined : (result as WholeClipResult);
}

const goesOn = (camera: string): CamboxError =>
  new CamboxError('interrupted', {
    ...{ verb: 'wait for', thing: 'the clip', reason: 'you have ended the waiting' },
    remedy: `The clip goes on; cambox clip stop ${camera} ends it`,
  });
