import { writeFileSync } from 'node:fs';
import { openSource } from '../app/camera/open-source.ts';
import { snapshotPicture, wallAt } from '../app/camera/snapshot-picture.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import { FrameArena } from '../frame/frame-arena.ts';
import { type CliCommand, type CliIo, EXIT } from './cli-command.ts';
import { askDaemon, SOCKET_OPTION, SOCKET_USAGE } from './daemon-socket.ts';
import { only, readOptions } from './options.ts';

const ARENA_BYTES = 64e6;

export const SNAPSHOT: CliCommand = {
  name: 'snapshot',
  summary: 'take one picture from a camera',
  usage: `cambox snapshot CAMERA [-o FILE|-]

CAMERA  a camera of the running daemon by its id; or, with no daemon needed, a camera by a name that cambox devices shows,
        a file, or synthetic:640x480

  -o, --output FILE   where the JPEG goes: a file (CAMERA.jpg), or - for stdout
${SOCKET_USAGE}`,

  async run(args, io) {
    const { values, positionals } = readOptions(args, {
      ...SOCKET_OPTION,
      output: { type: 'string', short: 'o' },
      json: { type: 'boolean' },
    });
    const camera = only(positionals, 'CAMERA');
    const isId = /^[a-z0-9-]{1,64}$/.test(camera) && camera !== 'synthetic';
    const jpeg = isId ? await fromDaemon(camera, values.socket, io) : await fromSource(camera, io);
    const output = values.output ?? `${camera.replace(/[^a-z0-9-]+/gi, '-').replace(/^-|-$/g, '')}.jpg`;
    if (output === '-') {
      await io.write(jpeg);
      return EXIT.ok;
    }
    save(output, jpeg);
    io.print(values.json ? JSON.stringify({ path: output, bytes: jpeg.length }) : `${output}  ${jpeg.length} bytes`);
    return EXIT.ok;
  },
};

async function fromDaemon(camera: string, socket: string | undefined, io: CliIo): Promise<Uint8Array> {
  const result = (await askDaemon(io, socket, 'snapshot', { camera })) as { jpeg_base64: string };
  return Buffer.from(result.jpeg_base64, 'base64');
}

async function fromSource(source: string, io: CliIo): Promise<Uint8Array> {
  const deps = { arena: new FrameArena(ARENA_BYTES), clock: SYSTEM_CLOCK, logger: io.logger('stderr', 'warn') };
  await using frames = await openSource({ source, loop: false }, deps);
  for await (const frame of frames.frames(io.signal)) {
    using _ = frame;
    const takenAt = wallAt(SYSTEM_CLOCK.wall(), SYSTEM_CLOCK.now() - frame.capturedAt);
    return snapshotPicture(frame, takenAt, { camera: source, box: undefined, position: undefined });
  }
  throw new CamboxError('not_found', {
    verb: 'take',
    thing: `a picture from ${source}`,
    reason: 'no whole picture came',
  });
}

function save(path: string, jpeg: Uint8Array): void {
  try {
    writeFileSync(path, jpeg);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CamboxError('not_writable', {
      verb: 'write',
      thing: path,
      reason,
      remedy: 'Name another file with -o.',
      cause,
    });
  }
}
