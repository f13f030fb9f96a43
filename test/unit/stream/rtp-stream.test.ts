import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../../src/base/logger.ts';
import { monoUs } from '../../../src/base/units.ts';
import type { Frame } from '../../../src/frame/frame.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { openRtpStream, type RtpStream } from '../../../src/stream/rtp-stream.ts';
import { type RtpTarget, TARGET_DEFAULTS } from '../../../src/stream/rtp-target.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ffmpegJpegs, frameOf, syntheticJpeg } from '../../support/jpegs.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { joinScan, seePacket } from '../../support/rtp-packets.ts';
import { closedPort, openUdpReceiver } from '../../support/udp-receiver.ts';
import { until } from '../../support/until.ts';

const target = (port: number, changes: Partial<RtpTarget> = {}): RtpTarget => ({
  host: '127.0.0.1',
  port,
  ...TARGET_DEFAULTS,
  pacing: 0,
  rtcp: false,
  ...changes,
});

const deps = (clock = new FakeClock()) => ({ clock, logger: SILENT, random: () => 0.5, cname: 'test' });

/** Half of each range, as `random` above answers 0.5. */
const HALF_SSRC = 0x80000000;
const HALF_SEQUENCE = 0x8000;
const HALF_OFFSET = 0x80000000;

function send(
  stream: RtpStream,
  arena: FrameArena,
  jpeg: Uint8Array,
  sequence = 0,
  capturedAt = sequence * 33_333,
): void {
  using frame = frameOf(arena, jpeg, sequence, monoUs(capturedAt));
  stream.send(frame);
}

test('a stream starts at a random SSRC, sequence number and timestamp [RFC3550 §5.1]', async () => {
  await using receiver = await openUdpReceiver();
  await using stream = await openRtpStream(target(receiver.port), deps());
  send(stream, new FrameArena(1 << 20), syntheticJpeg(), 0, 1_000_000);
  const packet = seePacket((await receiver.received(1))[0]!);
  assert.deepEqual([packet.ssrc, packet.sequence, packet.timestamp], [HALF_SSRC, HALF_SEQUENCE, HALF_OFFSET + 90_000]);
  assert.equal(stream.ssrc, HALF_SSRC);
});

test('an SSRC that was asked for is used', async () => {
  await using receiver = await openUdpReceiver();
  await using stream = await openRtpStream(target(receiver.port, { ssrc: 42 }), deps());
  send(stream, new FrameArena(1 << 20), syntheticJpeg());
  assert.equal(seePacket((await receiver.received(1))[0]!).ssrc, 42);
});

test('a stream tells of each frame when its first packet has been sent, however it is paced', async () => {
  const arena = new FrameArena(1 << 20);
  const clock = new FakeClock();
  const jpeg = ffmpegJpegs(1, '1280x720', ['-huffman', 'default', '-q:v', '2']);
  await using receiver = await openUdpReceiver();
  const told: number[] = [];
  let stream: RtpStream | undefined;
  const onFirstSent = ({ sequence }: Frame): void => {
    told.push(sequence, stream?.counts.packets ?? 0);
  };
  const paced = target(receiver.port, { pacing: 0.5, mtu: 700 });
  stream = await openRtpStream(paced, { ...deps(clock), onFirstSent });
  send(stream, arena, jpeg, 7);
  const [sequence, packets] = told;
  assert.equal(sequence, 7);
  assert.ok(packets! > 0);
  await clock.advance(1000);
  assert.ok(stream.counts.packets > packets!, 'the frame went out in one chunk: nothing is shown');
  assert.equal(told.length, 2);
  await stream[Symbol.asyncDispose]();
});

test('a stream that is retargeted goes on with SSRC, sequence and clock', async () => {
  const arena = new FrameArena(1 << 20);
  await using one = await openUdpReceiver();
  await using other = await openUdpReceiver('::1');
  await using stream = await openRtpStream(target(one.port), deps());
  send(stream, arena, syntheticJpeg(), 0, 0);
  const before = (await one.received(1)).length;
  await stream.retarget('::1', other.port);
  send(stream, arena, syntheticJpeg(), 1, 40_000);
  const packet = seePacket((await other.received(1))[0]!);
  assert.deepEqual(
    [packet.ssrc, packet.sequence, packet.timestamp],
    [HALF_SSRC, HALF_SEQUENCE + before, HALF_OFFSET + 3600],
  );
  assert.match(stream.sdp() ?? '', /^o=- 2147483648 2 IN IP6 ::1\r\n(.*\r\n)*c=IN IP6 ::1\r$/m);
});

test('packets that cannot be sent are told with where they go now', async () => {
  const arena = new FrameArena(1 << 20);
  const logger = new LogCollector();
  const [one, other] = [await closedPort(), await closedPort()];
  await using stream = await openRtpStream(target(one), { ...deps(), logger });
  let sequence = 0;
  const toldFor = (port: number): Promise<void> =>
    until(`the trouble with port ${port} is told`, () => {
      send(stream, arena, syntheticJpeg(), sequence++);
      return logger.of('rtp_send_failed').some(({ fields }) => fields['port'] === port);
    });
  await toldFor(one);
  await stream.retarget('localhost', other);
  await toldFor(other);
  const errors = logger.of('rtp_send_failed').map(({ fields }) => [fields['host'], fields['port'], fields['errno']]);
  assert.deepEqual(errors, [
    ['127.0.0.1', one, 'ECONNREFUSED'],
    ['localhost', other, 'ECONNREFUSED'],
  ]);
});

test('a retarget that fails leaves the stream as it was', async () => {
  await using receiver = await openUdpReceiver();
  await using stream = await openRtpStream(target(receiver.port), deps());
  await assert.rejects(stream.retarget('127.0.0.1', 0), { code: 'bad_argument' });
  send(stream, new FrameArena(1 << 20), syntheticJpeg());
  await receiver.received(1);
});

test('a retarget flushes the frame under way to the old target', async () => {
  const arena = new FrameArena(1 << 20);
  const clock = new FakeClock();
  await using one = await openUdpReceiver();
  await using other = await openUdpReceiver();
  await using stream = await openRtpStream(target(one.port, { pacing: 0.5, mtu: 300 }), deps(clock));
  send(stream, arena, ffmpegJpegs(1, '640x480', ['-huffman', 'default', '-q:v', '3']));
  assert.ok(arena.usedBytes > 0, 'the frame is being paced');
  await stream.retarget('127.0.0.1', other.port);
  assert.equal(arena.usedBytes, 0);
  assert.ok(seePacket((await one.received(stream.counts.packets)).at(-1)!).marker);
  assert.equal(other.packets.length, 0);
});

test('a new frame flushes the one that is still being paced, in order', async () => {
  const arena = new FrameArena(1 << 20);
  const jpeg = ffmpegJpegs(1, '640x480', ['-huffman', 'default', '-q:v', '3']);
  await using receiver = await openUdpReceiver();
  const stream = await openRtpStream(target(receiver.port, { pacing: 1, mtu: 300 }), deps());
  send(stream, arena, jpeg, 0);
  const early = stream.counts.packets;
  send(stream, arena, jpeg, 1);
  await stream[Symbol.asyncDispose]();
  const packets = (await receiver.received(stream.counts.packets)).map(seePacket);
  assert.ok(early < packets.length / 2);
  assert.deepEqual(
    packets.map(({ sequence }) => sequence),
    packets.map((_, i) => HALF_SEQUENCE + i),
  );
  const second = packets.findIndex(({ marker }) => marker) + 1;
  assert.deepEqual(joinScan(packets.slice(0, second)), joinScan(packets.slice(second)));
  assert.equal(arena.usedBytes, 0);
});

test('frames that RTP/JPEG cannot carry are counted by reason and logged once', async () => {
  const lines: unknown[] = [];
  const arena = new FrameArena(1 << 20);
  await using receiver = await openUdpReceiver();
  const logger = { ...SILENT, warn: (event: string) => lines.push(event) };
  await using stream = await openRtpStream(target(receiver.port), { ...deps(), logger });
  const optimal = ffmpegJpegs(1, '64x48', ['-huffman', 'optimal']);
  for (let i = 0; i < 3; i++) send(stream, arena, optimal, i);
  send(stream, arena, syntheticJpeg(), 3);
  await receiver.received(1);
  assert.deepEqual(stream.counts.refused.toJSON(), { huffman: 3 });
  assert.deepEqual([stream.counts.frames, stream.counts.packets], [1, receiver.packets.length]);
  assert.deepEqual(lines, ['rtp_frames_refused']);
  assert.equal(arena.usedBytes, 0);
});

test('octets count payload without RTP headers [RFC3550 §6.4.1]', async () => {
  await using receiver = await openUdpReceiver();
  await using stream = await openRtpStream(target(receiver.port, { mtu: 300 }), deps());
  send(stream, new FrameArena(1 << 20), syntheticJpeg());
  const packets = await receiver.received(stream.counts.packets);
  assert.equal(
    stream.counts.octets,
    packets.reduce((sum, packet) => sum + packet.length - 12, 0),
  );
});

test('the session description is known after the first frame', async () => {
  const arena = new FrameArena(1 << 20);
  await using receiver = await openUdpReceiver();
  await using stream = await openRtpStream(target(receiver.port), deps());
  assert.equal(stream.sdp(), undefined);
  send(stream, arena, syntheticJpeg(), 0, 0);
  assert.match(
    stream.sdp() ?? '',
    new RegExp(`c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video ${receiver.port} RTP/AVP 26\r\n`),
  );
});

test('the frame rate is described when it has settled, as a new version', async () => {
  const arena = new FrameArena(1 << 20);
  await using receiver = await openUdpReceiver();
  await using stream = await openRtpStream(target(receiver.port), deps());
  send(stream, arena, syntheticJpeg(), 0);
  assert.equal(stream.sdpVersion, 1);
  for (let i = 1; stream.sdpVersion === 1 && i < 200; i++) send(stream, arena, syntheticJpeg(), i, i * 40_000);
  assert.match(stream.sdp() ?? '', /^o=- \d+ 2 (.*\r\n)*a=framerate:25\r$/m);
  for (let i = 200; i < 1000; i++) send(stream, arena, syntheticJpeg(), i, i * 40_000 + (i % 3) * 4000);
  assert.equal(stream.sdpVersion, 2, 'a rate that wavers makes new versions');
});

test('a closed stream takes frames and does nothing with them', async () => {
  const arena = new FrameArena(1 << 20);
  await using receiver = await openUdpReceiver();
  const stream = await openRtpStream(target(receiver.port), deps());
  await stream[Symbol.asyncDispose]();
  send(stream, arena, syntheticJpeg());
  await stream[Symbol.asyncDispose]();
  assert.equal(stream.counts.frames + arena.usedBytes, 0);
  await assert.rejects(stream.retarget('127.0.0.1', receiver.port), { code: 'interrupted' });
});

test('settings that make no sense are refused before anything is opened', async () => {
  await assert.rejects(openRtpStream(target(5004, { pacing: 2 }), deps()), { code: 'bad_argument' });
  await assert.rejects(openRtpStream(target(5004, { mtu: 100 }), deps()), { code: 'bad_argument' });
  await assert.rejects(openRtpStream(target(70_000), deps()), { code: 'bad_argument' });
});

test('an SSRC that was asked for and an SRTP key exclude each other [RFC3711 §9.1]', async () => {
  const both = target(5004, { ssrc: 1, srtpKeyFile: '/dev/null' });
  await assert.rejects(openRtpStream(both, deps()), { code: 'bad_argument', message: /SSRC/ });
});

test('an SRTP key that cannot be read is told by its file', async () => {
  const missing = target(5004, { srtpKeyFile: '/no/such/key' });
  await assert.rejects(openRtpStream(missing, deps()), {
    code: 'bad_config',
    message: /srtp_key_file \/no\/such\/key/,
  });
});

test('the version of a session description grows with a new target and with another large size', async () => {
  const arena = new FrameArena(8 << 20);
  await using receiver = await openUdpReceiver();
  await using stream = await openRtpStream(target(receiver.port), deps());
  send(stream, arena, syntheticJpeg(), 0);
  assert.equal(stream.sdpVersion, 1);
  send(stream, arena, ffmpegJpegs(1, '2048x16', ['-huffman', 'default']), 1);
  assert.equal(stream.sdpVersion, 2);
  send(stream, arena, ffmpegJpegs(1, '2048x16', ['-huffman', 'default']), 2);
  assert.equal(stream.sdpVersion, 2);
  await stream.retarget('127.0.0.1', receiver.port);
  assert.equal(stream.sdpVersion, 3);
  assert.match(stream.sdp() ?? '', /^o=- \d+ 3 /m);
});
