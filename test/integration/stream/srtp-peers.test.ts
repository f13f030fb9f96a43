import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { openRtpStream, type RtpStream } from '../../../src/stream/rtp-stream.ts';
import { type RtpTarget, TARGET_DEFAULTS } from '../../../src/stream/rtp-target.ts';
import { writeSessionFile } from '../../../src/stream/session-file.ts';
import { ffmpegJpegs, frameOf } from '../../support/jpegs.ts';
import { decodePlanes, type Planes, psnr } from '../../support/planes.ts';
import { ffmpegReceiver, freeRtpPort, gstreamerSession } from '../../support/rtp-receivers.ts';

const SIZE = { width: 320, height: 240 };
const JPEG = ffmpegJpegs(1, '320x240', ['-huffman', 'default', '-q:v', '3', '-pix_fmt', 'yuvj420p']);
const EXACT = { Y: Number.POSITIVE_INFINITY, U: Number.POSITIVE_INFINITY, V: Number.POSITIVE_INFINITY };

const folder = mkdtempSync(join(tmpdir(), 'srtp-peers-'));
after(() => rmSync(folder, { recursive: true }));
const KEY = randomBytes(30);
const KEY_FILE = join(folder, 'key');
writeFileSync(KEY_FILE, KEY.toString('base64'));
const SOURCE = join(folder, 'source.mjpeg');
writeFileSync(SOURCE, JPEG);

/** Draws the highest sequence number that SRTP starts with, and SSRCs that differ. */
let draws = 0;
const almostOne = (): number => 1 - 2 ** -32 * ++draws;

const open = (port: number, changes: Partial<RtpTarget>, random = Math.random): Promise<RtpStream> =>
  openRtpStream(
    { ...TARGET_DEFAULTS, host: '127.0.0.1', port, srtpKeyFile: KEY_FILE, ...changes },
    { clock: SYSTEM_CLOCK, logger: SILENT, random, cname: 'test' },
  );

/** One frame, in time with the clock as a camera's are, and then a pause. */
async function send(stream: RtpStream, arena: FrameArena, sequence: number, pauseMs: number): Promise<void> {
  using frame = frameOf(arena, JPEG, sequence, SYSTEM_CLOCK.now());
  stream.send(frame);
  await SYSTEM_CLOCK.sleep(pauseMs);
}

function assertExact(received: readonly Planes[]): void {
  const [expected] = decodePlanes(SOURCE, SIZE, '420');
  for (const [i, planes] of received.entries()) assert.deepEqual(psnr(planes, expected!), EXACT, `frame ${i}`);
}

test('ffmpeg decrypts every frame from the session file, beyond a wrap of the sequence number, up to the goodbye', async () => {
  const arena = new FrameArena(1 << 20);
  const port = await freeRtpPort();
  const [sdp, out] = [join(folder, 'srtp.sdp'), join(folder, 'ffmpeg.mjpeg')];
  const stream = await open(port, { mtu: 256, pacing: 0 }, almostOne);
  await send(stream, arena, 0, 0); // nobody listens yet: only then is there a session description
  await writeSessionFile(sdp, stream.sdp({ withKey: true })!, stream.isSecret);
  assert.equal(statSync(sdp).mode & 0o777, 0o600);
  assert.doesNotMatch(stream.sdp()!, /crypto|inline/);
  await using receiver = await ffmpegReceiver({ sdp, port, frames: undefined, out });
  let frames = 0;
  while (stream.report()['srtp_rollovers'] === 0 || stream.counts.packets % 65536 < 40_000) {
    frames += 1;
    await send(stream, arena, frames, 4);
  }
  await stream[Symbol.asyncDispose]();
  await receiver.done;
  const received = decodePlanes(out, SIZE, '420');
  assert.equal(received.length, frames);
  assertExact(received);
  assert.equal(arena.usedBytes, 0);
});

/** Sends frames that nobody receives until sequence numbers have wrapped. */
async function wrap(stream: RtpStream, arena: FrameArena): Promise<void> {
  for (let i = 0; stream.report()['srtp_rollovers'] === 0; i++) await send(stream, arena, i, 0);
}

test('a receiver that comes after a wrap decrypts the stream soon, as it goes on as a new source', async () => {
  const arena = new FrameArena(1 << 20);
  const port = await freeRtpPort();
  const [sdp, out] = [join(folder, 'late.sdp'), join(folder, 'late.mjpeg')];
  await using stream = await open(port, { mtu: 256, pacing: 0 }, almostOne);
  await wrap(stream, arena);
  const { ssrc } = stream;
  writeFileSync(sdp, stream.sdp({ withKey: true })!);
  await using receiver = await ffmpegReceiver({ sdp, port, frames: 20, out });
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  receiver.done.then(end, end);
  for (let i = 0; i < 400 && !ended; i++) await send(stream, arena, i, 10);
  await receiver.done;
  assert.notEqual(stream.ssrc, ssrc);
  assertExact(decodePlanes(out, SIZE, '420'));
});

test('a stream that is retargeted after a wrap goes on as a new source', async () => {
  const arena = new FrameArena(1 << 20);
  const port = await freeRtpPort();
  await using stream = await open(port, { mtu: 256, pacing: 0 }, almostOne);
  await wrap(stream, arena);
  const { ssrc } = stream;
  await stream.retarget('127.0.0.1', port);
  assert.notEqual(stream.ssrc, ssrc);
  assert.equal(stream.report()['srtp_rollovers'], 0);
});

for (const transport of ['gso', 'dgram'] as const) {
  test(`GStreamer decrypts what ${transport} sends, and its encrypted reports are heard`, async () => {
    const arena = new FrameArena(1 << 20);
    const port = await freeRtpPort();
    const out = join(folder, `${transport}.mjpeg`);
    await using stream = await open(port, { transport });
    const srtp = { ssrc: stream.ssrc, key: KEY };
    {
      const reportsTo = Number(stream.report()['rtcp_port']);
      await using _session = await gstreamerSession({ port, reportsTo, srtp, out });
      const isReported = (): boolean => stream.report()['rtt_ms'] !== null;
      for (let i = 0; i < 600 && !isReported(); i++) await send(stream, arena, i, 20);
    }
    assert.equal(stream.report()['remote_receivers'], 1);
    const received = decodePlanes(out, SIZE, '420');
    assert.ok(received.length > 20, `${received.length} frames`);
    assertExact(received);
  });
}
