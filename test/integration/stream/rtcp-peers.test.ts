import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { openRtpStream, type RtpStream } from '../../../src/stream/rtp-stream.ts';
import { TARGET_DEFAULTS } from '../../../src/stream/rtp-target.ts';
import { frameOf, syntheticJpeg } from '../../support/jpegs.ts';
import { ffmpegReceiver, freeRtpPort, gstreamerSession } from '../../support/rtp-receivers.ts';

const FRAME_MS = 20;
const FRAMES = 40;
const MOST_FRAMES = 600;
const JPEG = syntheticJpeg(320, 240);

const folder = mkdtempSync(join(tmpdir(), 'rtcp-peers-'));
after(() => rmSync(folder, { recursive: true }));

const open = (port: number): Promise<RtpStream> =>
  openRtpStream(
    { ...TARGET_DEFAULTS, host: '127.0.0.1', port },
    { clock: SYSTEM_CLOCK, logger: SILENT, random: Math.random, cname: 'test' },
  );

/** One frame, in time with the clock as a camera's are. */
async function send(stream: RtpStream, arena: FrameArena, sequence: number): Promise<void> {
  using frame = frameOf(arena, JPEG, sequence, SYSTEM_CLOCK.now());
  stream.send(frame);
  await SYSTEM_CLOCK.sleep(FRAME_MS);
}

test('ffmpeg ends by itself at the goodbye, with every frame', async () => {
  const arena = new FrameArena(1 << 20);
  const port = await freeRtpPort();
  const [sdp, out] = [join(folder, 'bye.sdp'), join(folder, 'bye.mjpeg')];
  const stream = await open(port);
  await send(stream, arena, 0); // nobody listens yet: only then is there a session description
  writeFileSync(sdp, stream.sdp()!);
  await using receiver = await ffmpegReceiver({ sdp, port, frames: undefined, out });
  for (let i = 1; i <= FRAMES; i++) await send(stream, arena, i);
  await stream[Symbol.asyncDispose]();
  await receiver.done;
  const starts = readFileSync(out).toString('latin1').split('\xff\xd8\xff').length - 1;
  assert.equal(starts, FRAMES);
  assert.equal(arena.usedBytes, 0);
});

test("GStreamer's reports tell how the stream arrives", async () => {
  const arena = new FrameArena(1 << 20);
  const port = await freeRtpPort();
  await using stream = await open(port);
  const reportsTo = Number(stream.report()['rtcp_port']);
  await using _session = await gstreamerSession({ port, reportsTo });
  const isReported = (): boolean => stream.report()['rtt_ms'] !== null;
  for (let i = 0; i < MOST_FRAMES && !isReported(); i++) await send(stream, arena, i);
  const { remote_receivers, remote_loss_pct, remote_lost_packets, remote_jitter_ms, rtt_ms } = stream.report();
  assert.deepEqual([remote_receivers, remote_loss_pct, remote_lost_packets], [1, 0, 0]);
  assert.ok(Number(remote_jitter_ms) < FRAME_MS, `jitter ${String(remote_jitter_ms)} ms`);
  assert.ok(Number(rtt_ms) < 1000, `round trip ${String(rtt_ms)} ms`);
});
