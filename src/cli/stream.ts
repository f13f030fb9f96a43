import { openSource } from '../app/camera/open-source.ts';
import { SettledMemory } from '../app/settled-memory.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import type { FrameSource } from '../capture/frame-source.ts';
import { DEFAULT_RAW } from '../capture/raw/encoder-choice.ts';
import { parseSourceName } from '../capture/source-name.ts';
import { FrameArena } from '../frame/frame-arena.ts';
import { newCname } from '../stream/cname.ts';
import { type FitOptions, FrameFitter } from '../stream/fit/frame-fitter.ts';
import { openRtpStream, type RtpStream } from '../stream/rtp-stream.ts';
import type { RtpTarget } from '../stream/rtp-target.ts';
import { writeSessionFile } from '../stream/session-file.ts';
import { type CliCommand, type CliIo, EXIT, type ExitCode, UsageError } from './cli-command.ts';
import { choiceOption, numberOption, only, readOptions, sizeOption } from './options.ts';
import { TARGET_OPTIONS, TARGET_USAGE, targetFrom } from './target-options.ts';

/** Enough for two frames of the largest size that RTP/JPEG can carry (24-bit fragment offset, RFC 2435 §3.1.2). */
const ARENA_BYTES = 40e6;
const DEFAULT_FPS = 30;

export const STREAM: CliCommand = {
  name: 'stream',
  summary: 'send a camera, a file or a made picture as RTP/JPEG, without the daemon',
  usage: `cambox stream SOURCE --to rtp://HOST:PORT [options]

SOURCE  a camera by a name that cambox devices shows, a .mjpeg file, a folder or glob of .jpg, or synthetic:1920x1080

${TARGET_USAGE}
  --size WxH                  largest picture size of a camera (the one that it has now)
  --format FOURCC             pixel format of a camera, e.g. MJPG or YUYV (auto: MJPG, or the best raw one, encoded)
  --quality 1-100             of JPEGs made of raw pictures (85)
  --fps N                     pictures a second (files and made pictures: 30)
  --unpaced                   as fast as possible, in bursts
  --frames N                  stop after N frames
  --loop                      start again at the end of the file
  --sdp FILE                  write the session description that receivers need
  --huffman recode|refuse     pictures that RTP cannot carry: code them anew without loss, or refuse them (recode)
  --restart-markers keep|strip  (keep)
  --json                      the summary as one JSON object`,

  async run(args, io): Promise<ExitCode> {
    const { values, positionals } = readOptions(args, {
      ...TARGET_OPTIONS,
      size: { type: 'string' },
      format: { type: 'string' },
      quality: { type: 'string' },
      fps: { type: 'string' },
      unpaced: { type: 'boolean' },
      frames: { type: 'string' },
      loop: { type: 'boolean' },
      sdp: { type: 'string' },
      huffman: { type: 'string' },
      'restart-markers': { type: 'string' },
      json: { type: 'boolean' },
    });
    const source = only(positionals, 'SOURCE');
    const unpaced = values.unpaced ?? false;
    const fps = numberOption('fps', values.fps, { least: 0.1, most: 1000 });
    if (unpaced && fps !== undefined) throw new UsageError('--fps and --unpaced exclude each other');
    const isCamera = parseSourceName(source).kind === 'v4l2';
    const paced = targetFrom(values);
    const target: RtpTarget = unpaced ? { ...paced, pacing: 0 } : paced;
    const quality =
      numberOption('quality', values.quality, { least: 1, most: 100, whole: true }) ?? DEFAULT_RAW.quality;
    const limit = numberOption('frames', values.frames, { least: 1, most: Number.MAX_SAFE_INTEGER, whole: true });

    const fit: FitOptions = {
      huffman: choiceOption('huffman', values.huffman, ['recode', 'refuse']) ?? 'recode',
      restartMarkers: choiceOption('restart-markers', values['restart-markers'], ['keep', 'strip']) ?? 'keep',
      place: 'loop',
    };
    const arena = new FrameArena(ARENA_BYTES);
    const deps = { arena, clock: SYSTEM_CLOCK, logger: io.logger('stderr', 'warn') };
    await using stream = await openRtpStream(target, {
      ...deps,
      random: Math.random,
      cname: newCname(Math.random),
      credentialsDirectory: io.env['CREDENTIALS_DIRECTORY'],
    });
    await using frames = await openSource(
      {
        source,
        ...sizeOption(values.size),
        format: values.format,
        raw: { ...DEFAULT_RAW, quality },
        fps: unpaced || isCamera ? fps : (fps ?? DEFAULT_FPS),
        loop: values.loop ?? false,
      },
      deps,
    );
    await using fitter = new FrameFitter(fit, (frame) => stream.send(frame), deps);
    using _ = new SettledMemory(SYSTEM_CLOCK);
    await send(frames, fitter, limit, () => writeSdp(stream, values.sdp), io);
    stream.flush();
    return report(frames, fitter, stream, values.json ?? false, io);
  },
};

/** `onSent` is called after each frame until it answers true. */
async function send(
  source: FrameSource,
  fitter: FrameFitter,
  limit: number | undefined,
  onSent: () => Promise<boolean>,
  io: CliIo,
) {
  let count = 0;
  let told = false;
  for await (const frame of source.frames(io.signal)) {
    using _ = frame;
    fitter.onFrame(frame);
    if (!told) told = await onSent();
    count += 1;
    if (count === limit) break;
  }
}

/** True when it is written, or nobody wants it. */
async function writeSdp(stream: RtpStream, path: string | undefined): Promise<boolean> {
  if (path === undefined) return true;
  const sdp = stream.sdp({ withKey: true });
  if (sdp === undefined) return false;
  try {
    await writeSessionFile(path, sdp, stream.isSecret);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new CamboxError(code === 'ENOSPC' || code === 'EDQUOT' ? 'disk_full' : 'not_writable', {
      verb: 'write',
      thing: path,
      reason: message,
      remedy: 'Give --sdp a file in a folder that exists and can be written to',
      cause,
    });
  }
  return true;
}

function report(source: FrameSource, fitter: FrameFitter, stream: RtpStream, json: boolean, io: CliIo): ExitCode {
  const { user, system } = process.cpuUsage();
  const { frames, refused, unsent_packets } = stream.counts;
  const damaged = fitter.counts.dropped;
  const summary = {
    ...stream.report(),
    captured: source.counts.captured,
    dropped: { ...source.counts.dropped.toJSON(), ...damaged.toJSON() },
    recoded: fitter.counts.recoded,
    transport: stream.transport,
    ssrc: stream.ssrc,
    cpu_ms: Math.round((user + system) / 1000),
  };
  if (json) io.print(JSON.stringify(summary));
  else for (const [key, value] of Object.entries(summary)) io.print(`${key.padEnd(20)} ${JSON.stringify(value)}`);
  if (frames === 0) return EXIT.failure;
  const lost = refused.total + unsent_packets + source.counts.dropped.total + damaged.total;
  return lost === 0 ? EXIT.ok : EXIT.warning;
}
