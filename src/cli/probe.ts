import { realpath } from 'node:fs/promises';
import { openSource } from '../app/camera/open-source.ts';
import { probeSource } from '../app/probe/probe.ts';
import { judge } from '../app/probe/verdict.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import { parseSourceName } from '../capture/source-name.ts';
import type { BufferTap } from '../capture/v4l2/tapped-stream.ts';
import { DEFAULT_MODE } from '../config/camera-schema.ts';
import { FrameArena } from '../frame/frame-arena.ts';
import { findCamera } from '../v4l2/find-camera.ts';
import { type CliCommand, type CliIo, EXIT, type ExitCode, UsageError } from './cli-command.ts';
import { daemonCameras } from './daemon-cameras.ts';
import { SOCKET_OPTION, SOCKET_USAGE } from './daemon-socket.ts';
import { durationOption, numberOption, only, type PictureSize, readOptions, sizeOption } from './options.ts';
import { probeJson } from './probe-json.ts';
import { describeProbe } from './probe-text.ts';

/** Enough for a few of the largest pictures. */
const ARENA_BYTES = 64e6;
const DEFAULT_S = 10;
const GRADES = { ok: EXIT.ok, warning: EXIT.warning, failure: EXIT.failure } as const;

export const PROBE: CliCommand = {
  name: 'probe',
  summary: 'measure a camera: rate, jitter, losses, and what RTP makes of its pictures',
  usage: `cambox probe CAMERA [--for 10s] [--json]

CAMERA  a camera that no other program uses, by a name that cambox devices shows; a .mjpeg file, a folder or glob of .jpg;
        or synthetic:1280x720

  --for D         look so long (10s); a file is read once, to its end or so long
  --size WxH      ask the camera for this size (that of the config's default)
  --fps N         and this rate; for a file: the rate that its bit rate is told for (30)
  --json          the figures as one JSON object
${SOCKET_USAGE}

Exits with 0 when the pictures can be sent as they are, 1 when there is something to look at, 2 when they cannot be
sent or the camera failed.`,

  async run(args, io): Promise<ExitCode> {
    const { values, positionals } = readOptions(args, {
      ...SOCKET_OPTION,
      for: { type: 'string' },
      size: { type: 'string' },
      fps: { type: 'string' },
      json: { type: 'boolean' },
    });
    const source = only(positionals, 'CAMERA');
    const seconds = durationOption('for', values.for) ?? DEFAULT_S;
    if (seconds === 0) throw new UsageError(`--for must be more than 0: received ${values.for}`);
    const fps = numberOption('fps', values.fps, { least: 0.1, most: 1000 });
    const open = opener(source, sizeOption(values.size), fps, io);
    const deps = { clock: SYSTEM_CLOCK, random: Math.random, signal: io.signal, openSource: open };
    const limits = { forMs: 1000 * seconds, nominalFps: fps ?? DEFAULT_MODE.fps };
    const result = await probeSource(limits, deps).catch(async (failure) => {
      throw (await heldByDaemon(source, failure, values.socket, io)) ?? failure;
    });
    const verdict = judge(result);
    const lines = values.json ? [JSON.stringify(probeJson(result, verdict))] : describeProbe(source, result, verdict);
    for (const line of lines) io.print(line);
    return GRADES[verdict.grade];
  },
};

/** Opens the source as the daemon would with the config's defaults; a file is read as fast as it can be. */
function opener(source: string, size: PictureSize | undefined, fps: number | undefined, io: CliIo) {
  const deps = { arena: new FrameArena(ARENA_BYTES), clock: SYSTEM_CLOCK, logger: io.logger('stderr', 'error') };
  const { kind } = parseSourceName(source);
  if (size !== undefined && kind !== 'v4l2') {
    const remedy = kind === 'synthetic' ? `write synthetic:${size.width}x${size.height}` : 'a file has its own';
    throw new UsageError(`--size is for cameras: ${remedy}`);
  }
  const { width, height } = size ?? DEFAULT_MODE;
  const paced = kind === 'replay' ? undefined : (fps ?? DEFAULT_MODE.fps);
  return (tap: BufferTap) => openSource({ source, width, height, fps: paced, loop: false, tap }, deps);
}

/** The error to tell when the running daemon has the camera: by its node, or by the id that the daemon knows it by. */
async function heldByDaemon(
  source: string,
  failure: unknown,
  socket: string | undefined,
  io: CliIo,
): Promise<CamboxError | undefined> {
  if (!(failure instanceof CamboxError)) return undefined;
  const cameras = await daemonCameras(io, socket);
  const node = await nodeOf(source);
  const [held, id] = [...cameras].find(([path, camera]) => path === node || camera === source) ?? [];
  if (id === undefined) return undefined;
  return new CamboxError('device_busy', {
    verb: 'probe',
    thing: source,
    reason: `the cambox daemon has it, as camera ${id}`,
    received: held,
    remedy: `See what it does with: cambox status. To probe it: sudo systemctl stop cambox; cambox probe ${held}; sudo systemctl start cambox`,
    cause: failure,
  });
}

async function nodeOf(source: string): Promise<string | undefined> {
  const name = parseSourceName(source);
  if (name.kind !== 'v4l2') return undefined;
  return findCamera(name.camera)
    .then((path) => realpath(path))
    .catch(() => undefined);
}
