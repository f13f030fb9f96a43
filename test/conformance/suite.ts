import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { decodePlanes, type PictureSize, type Planes, psnr } from '../support/planes.ts';
import { ffmpegReceiver, freeRtpPort, gstreamerReceiver, type RtpReceiver } from '../support/rtp-receivers.ts';
import { until } from '../support/until.ts';
import { camboxReceiver } from './cambox-receiver.ts';
import type { ConformanceCase } from './cases.ts';
import { PICTURES } from './pictures.ts';
import { Relay } from './relay.ts';

/** What a receiver showed of a case. */
export interface Finding {
  readonly receiver: ReceiverName;
  /** Pictures it put out, as far as they were counted: up to MOST_DECODED. */
  readonly seen: number;
  /** The least PSNR of any of them against what was sent, in dB; Infinity is exact, NaN another size or number of planes. */
  readonly psnr: Readonly<Record<keyof Planes, number>>;
}

export interface CaseResult {
  readonly case: ConformanceCase;
  readonly sent: number;
  /** The sender's own summary; undefined for a sender that prints none. */
  readonly refused: Readonly<Record<string, number>> | undefined;
  readonly findings: readonly Finding[];
}

const RECEIVERS = { ffmpeg: ffmpegReceiver, gstreamer: gstreamerReceiver, cambox: camboxReceiver } as const;
export type ReceiverName = keyof typeof RECEIVERS;
export const RECEIVER_NAMES = Object.keys(RECEIVERS) as ReceiverName[];

/** How many frames a case sends: each picture several times. */
export const FRAMES = 20;
const FPS = 20;
/** A sender may send on and on; a sender that sends a picture twice shows in fewer. */
const MOST_DECODED = 2 * FRAMES;
/** The largest side that the main header can say (RFC 2435 §3.1.5). */
const MOST_PIXELS = 2040;

/** Starts the program that sends `source` (a folder of .jpg) as RTP to 127.0.0.1:`port`; a shell line for other senders. */
export type SenderLine = string | undefined;

/** Send one case to all receivers at once. */
export async function runCase(input: ConformanceCase, folder: string, sender: SenderLine): Promise<CaseResult> {
  const source = join(folder, 'source');
  input.make(source);
  if (input.refused !== undefined) return { case: input, findings: [], ...(await send(input, source, 9, sender)) };
  const port = await freeRtpPort();
  const jobs = await Promise.all(RECEIVER_NAMES.map((name) => job(name, input, folder)));
  await using _relay = await Relay.open(
    port,
    jobs.map((one) => one.port),
  );
  const started: RtpReceiver[] = [];
  try {
    for (const one of jobs) started.push(await RECEIVERS[one.name]({ ...one, frames: undefined }));
    const summary = await send(input, source, port, sender);
    await sayGoodbye(port);
    await Promise.race([
      Promise.all(started.map((receiver) => receiver.done.catch(() => undefined))),
      allStored(jobs, summary.sent),
    ]);
    return { case: input, ...summary, findings: await findings(jobs, started, input, source) };
  } finally {
    await Promise.all(started.map((receiver) => receiver[Symbol.asyncDispose]()));
  }
}

interface Job {
  readonly name: ReceiverName;
  readonly port: number;
  readonly sdp: string;
  /** For receivers without a session description, when the packets cannot say it. */
  readonly size?: PictureSize;
  readonly out: string;
}

async function job(name: ReceiverName, { size }: ConformanceCase, folder: string): Promise<Job> {
  const port = await freeRtpPort();
  const sdp = join(folder, `${name}.sdp`);
  const lines = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=conformance', 'c=IN IP4 127.0.0.1', 't=0 0'];
  const media = [`m=video ${port} RTP/AVP 26`, 'a=rtpmap:26 JPEG/90000', `a=x-dimensions:${size.width},${size.height}`];
  writeFileSync(sdp, `${[...lines, ...media].join('\r\n')}\r\n`);
  const isLarge = Math.max(size.width, size.height) > MOST_PIXELS;
  return { name, port, sdp, ...(isLarge && { size }), out: join(folder, `${name}.mjpeg`) };
}

async function send(
  { options = [], refused }: ConformanceCase,
  source: string,
  port: number,
  sender: SenderLine,
): Promise<Pick<CaseResult, 'sent' | 'refused'>> {
  const own = ['src/main.ts', 'stream', source, '--to', `rtp://127.0.0.1:${port}`, '--json', ...options];
  const paced = [...own, '--loop', '--fps', String(FPS), '--frames', String(FRAMES)];
  const child =
    sender === undefined
      ? spawn(process.execPath, refused === undefined ? paced : [...own, '--unpaced'], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
      : spawn('sh', ['-c', sender], {
          env: { ...process.env, SOURCE: source, PORT: String(port) },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
  const [output] = await Promise.all([text(child.stdout!), once(child, 'close')]);
  if (sender !== undefined) return { sent: Number.NaN, refused: undefined };
  const summary = JSON.parse(output);
  return { sent: summary.frames, refused: { ...summary.refused, ...summary.dropped } };
}

/** For senders without RTCP: an empty report and a BYE (RFC 3550 §6.1, §6.6), so that receivers show what they hold. */
async function sayGoodbye(port: number): Promise<void> {
  const socket = createSocket('udp4');
  const bye = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0, 0x81, 203, 0, 1, 0, 0, 0, 0]);
  await new Promise((resolve) => socket.send(bye, port + 1, '127.0.0.1', resolve));
  socket.close();
}

/** GStreamer does not end at a BYE: enough when everybody has stored as many pictures as were sent, or after 2 s. */
async function allStored(jobs: readonly Job[], sent: number): Promise<void> {
  const stored = (): boolean => jobs.every(({ out }) => existsSync(out) && countPictures(out) >= sent);
  await until('all is stored', stored, 2000).catch(() => undefined);
}

const countPictures = (path: string): number => readFileSync(path).toString('latin1').split('\xff\xd9').length - 1;

async function findings(
  jobs: readonly Job[],
  started: readonly RtpReceiver[],
  input: ConformanceCase,
  source: string,
): Promise<Finding[]> {
  await Promise.all(started.map((receiver) => receiver[Symbol.asyncDispose]()));
  const sent = globSync(join(source, '*.jpg'))
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .flatMap((path) => decodePlanes(path, input.size, input.chroma, 1));
  return jobs.map(({ name, out }) => ({ receiver: name, ...compare(out, sent, input) }));
}

/** Every picture against those that were sent, in their order: a whole one may be missing, a damaged one shows here. */
function compare(out: string, sent: readonly Planes[], { size, chroma }: ConformanceCase): Omit<Finding, 'receiver'> {
  const received = existsSync(out) && readFileSync(out).length > 0 ? decodePlanes(out, size, chroma, MOST_DECODED) : [];
  const worst = { Y: Number.POSITIVE_INFINITY, U: Number.POSITIVE_INFINITY, V: Number.POSITIVE_INFINITY };
  let at = -1;
  for (const planes of received) {
    const next = sent.findIndex((_, ahead) => isEqual(planes, sent[(at + 1 + ahead) % PICTURES]!));
    at += 1 + Math.max(0, next);
    if (next === -1) {
      const figures = psnr(planes, sent[at % PICTURES]!);
      for (const plane of ['Y', 'U', 'V'] as const) worst[plane] = Math.min(worst[plane], figures[plane]);
    }
  }
  return { seen: received.length, psnr: worst };
}

const isEqual = (one: Planes, other: Planes): boolean =>
  one.Y.equals(other.Y) && one.U.equals(other.U) && one.V.equals(other.V);
