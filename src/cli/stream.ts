import { writeFileSync } from 'node:fs';
import { openSource } from '../app/open-source.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import type { FrameSource } from '../capture/frame-source.ts';
import { parseSourceName } from '../capture/source-name.ts';
import { FrameArena } from '../frame/frame-arena.ts';
import { newCname } from '../stream/cname.ts';
import { type FitOptions, FrameFitter } from '../stream/fit/frame-fitter.ts';
import { openRtpStream, type RtpStream } from '../stream/rtp-stream.ts';
import { type RtpTarget, TARGET_DEFAULTS } from '../stream/rtp-target.ts';
import { type CliCommand, type CliIo, EXIT, type ExitCode, UsageError } from './cli-command.ts';
import { choiceOption, numberOption, only, readOptions } from './options.ts';

/** Enough for two frames of the largest size that RTP/JPEG can carry (24-bit fragment offset, RFC 2435 §3.1.2). */
const ARENA_BYTES = 40e6;
const DEFAULT_FPS = 30;

export const STREAM: CliCommand = {
  name: 'stream',
  summary: 'send a camera, a file or a made picture as RTP/JPEG, without the daemon',
  usage: `cambox stream SOURCE --to rtp://HOST:PORT [options]

SOURCE  a .mjpeg file, a folder or glob of .jpg, /dev/videoN, or synthetic:1920x1080

  --to rtp://HOST:PORT        the receiver
  --fps N                     pictures a second (files and made pictures: 30)
  --unpaced                   as fast as possible, in bursts
  --frames N                  stop after N frames
  --loop                      start again at the end of the file
  --mtu N                     largest IP packet in bytes (1500)
  --ssrc N                    RTP SSRC (random)
  --pacing P                  part of the frame interval over which packets are spread, 0 to 1 (0.5)
  --sdp FILE                  write the session description that receivers need
  --transport auto|gso|dgram  how packets leave (auto)
  --huffman recode|refuse     pictures that RTP cannot carry: code them anew without loss, or refuse them (recode)
  --restart-markers keep|strip  (keep)
  --no-rtcp                   send and hear no reports
  --rtcp-port N               local port for receivers' reports (any)
  --ttl N                     how many routers packets may pass (1 to a multicast group, 64 to one machine)
  --interface NAME            network interface that packets leave by (as routed)
  --no-multicast-loop         receivers on this machine do not hear the group
  --dscp N                    differentiated services code point, 0 to 63 (0)
  --json                      the summary as one JSON object`,

  async run(args, io): Promise<ExitCode> {
    const { values, positionals } = readOptions(args, {
      to: { type: 'string' },
      fps: { type: 'string' },
      unpaced: { type: 'boolean' },
      frames: { type: 'string' },
      loop: { type: 'boolean' },
      mtu: { type: 'string' },
      ssrc: { type: 'string' },
      pacing: { type: 'string' },
      sdp: { type: 'string' },
      transport: { type: 'string' },
      huffman: { type: 'string' },
      'restart-markers': { type: 'string' },
      'no-rtcp': { type: 'boolean' },
      'rtcp-port': { type: 'string' },
      ttl: { type: 'string' },
      interface: { type: 'string' },
      'no-multicast-loop': { type: 'boolean' },
      dscp: { type: 'string' },
      json: { type: 'boolean' },
    });
    const source = only(positionals, 'SOURCE');
    const unpaced = values.unpaced ?? false;
    const fps = numberOption('fps', values.fps, { least: 0.1, most: 1000 });
    if (unpaced && fps !== undefined) throw new UsageError('--fps and --unpaced exclude each other');
    const isCamera = parseSourceName(source).kind === 'v4l2';
    const target: RtpTarget = {
      ...TARGET_DEFAULTS,
      ...parseTarget(values.to),
      mtu: numberOption('mtu', values.mtu, { least: 1, most: 65535, whole: true }) ?? TARGET_DEFAULTS.mtu,
      ssrc: numberOption('ssrc', values.ssrc, { least: 0, most: 0xffffffff, whole: true }),
      transport: choiceOption('transport', values.transport, ['auto', 'gso', 'dgram']) ?? 'auto',
      pacing: unpaced ? 0 : (numberOption('pacing', values.pacing, { least: 0, most: 1 }) ?? TARGET_DEFAULTS.pacing),
      rtcp: !(values['no-rtcp'] ?? false),
      rtcpPort: numberOption('rtcp-port', values['rtcp-port'], { least: 0, most: 65535, whole: true }) ?? 0,
      ttl: numberOption('ttl', values.ttl, { least: 1, most: 255, whole: true }),
      interface: values.interface ?? '',
      loop: !(values['no-multicast-loop'] ?? false),
      dscp: numberOption('dscp', values.dscp, { least: 0, most: 63, whole: true }) ?? 0,
    };
    const limit = numberOption('frames', values.frames, { least: 1, most: Number.MAX_SAFE_INTEGER, whole: true });

    const fit: FitOptions = {
      huffman: choiceOption('huffman', values.huffman, ['recode', 'refuse']) ?? 'recode',
      restartMarkers: choiceOption('restart-markers', values['restart-markers'], ['keep', 'strip']) ?? 'keep',
      place: 'loop',
    };
    const arena = new FrameArena(ARENA_BYTES);
    const deps = { arena, clock: SYSTEM_CLOCK, logger: io.logger('stderr', 'warn') };
    await using stream = await openRtpStream(target, { ...deps, random: Math.random, cname: newCname(Math.random) });
    await using frames = await openSource(
      { source, fps: unpaced || isCamera ? fps : (fps ?? DEFAULT_FPS), loop: values.loop ?? false },
      deps,
    );
    await using fitter = new FrameFitter(fit, (frame) => stream.send(frame), deps);
    await send(frames, fitter, limit, () => writeSdp(stream, values.sdp), io);
    stream.flush();
    return report(frames, fitter, stream, values.json ?? false, io);
  },
};

/** host and port of rtp://HOST:PORT; IPv6 addresses in brackets. */
function parseTarget(to: string | undefined): { host: string; port: number } {
  if (to === undefined) throw new UsageError('--to rtp://HOST:PORT is missing');
  const url = URL.parse(to);
  if (url?.protocol !== 'rtp:' || url.hostname === '' || url.port === '') {
    throw new UsageError(`--to must read rtp://HOST:PORT: received ${to}`);
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) };
}

/** `onSent` is called after each frame until it answers true. */
async function send(
  source: FrameSource,
  fitter: FrameFitter,
  limit: number | undefined,
  onSent: () => boolean,
  io: CliIo,
) {
  let count = 0;
  let told = false;
  for await (const frame of source.frames(io.signal)) {
    using _ = frame;
    fitter.onFrame(frame);
    if (!told) told = onSent();
    count += 1;
    if (count === limit) break;
  }
}

/** True when it is written. */
function writeSdp(stream: RtpStream, path: string | undefined): boolean {
  const sdp = stream.sdp();
  if (sdp === undefined || path === undefined) return false;
  writeFileSync(path, sdp);
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
