import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StreamSet } from '../../../../src/app/camera/stream-set.ts';
import { SYSTEM_CLOCK } from '../../../../src/base/clock.ts';
import { CamboxError } from '../../../../src/base/errors.ts';
import { SILENT } from '../../../../src/base/logger.ts';
import { monoUs } from '../../../../src/base/units.ts';
import type { Frame } from '../../../../src/frame/frame.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { FrameFitter } from '../../../../src/stream/fit/frame-fitter.ts';
import { openRtpStream } from '../../../../src/stream/rtp-stream.ts';
import { type RtpTarget, TARGET_DEFAULTS } from '../../../../src/stream/rtp-target.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { ffmpegJpegs, frameOf } from '../../../support/jpegs.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { joinScan, scanOf, seePacket } from '../../../support/rtp-packets.ts';
import { openUdpReceiver } from '../../../support/udp-receiver.ts';
import { until } from '../../../support/until.ts';

const JPEG = ffmpegJpegs(1, '640x480', ['-huffman', 'default', '-q:v', '4']);
const folder = mkdtempSync(join(tmpdir(), 'stream-set-'));
after(() => rmSync(folder, { recursive: true }));

const open = (target: RtpTarget) =>
  openRtpStream(target, { clock: SYSTEM_CLOCK, logger: SILENT, random: Math.random, cname: 'test' });
const openFitter = (emit: (frame: Frame) => void): FrameFitter =>
  new FrameFitter({ huffman: 'refuse', restartMarkers: 'keep', place: 'loop' }, emit, {
    arena: new FrameArena(1 << 20),
    clock: SYSTEM_CLOCK,
    logger: SILENT,
  });
const newSet = (): StreamSet => new StreamSet('front', open, openFitter, { clock: SYSTEM_CLOCK, logger: SILENT });
const target = (port: number, changes: Partial<RtpTarget> = {}): RtpTarget => ({
  ...TARGET_DEFAULTS,
  host: '127.0.0.1',
  port,
  pacing: 0,
  rtcp: false,
  ...changes,
});

function sendOne(set: StreamSet, arena: FrameArena): void {
  using frame = frameOf(arena, JPEG, 0);
  set.onFrame(frame);
}

test('a frame goes to every receiver, to each with an SSRC and packets of its own', async () => {
  const arena = new FrameArena(1 << 20);
  await using one = await openUdpReceiver();
  await using two = await openUdpReceiver();
  await using three = await openUdpReceiver('::1');
  const set = newSet();
  const first = await set.add(target(one.port));
  const second = await set.add(target(two.port, { mtu: 700 }));
  const third = await set.add(target(three.port, { host: '::1', transport: 'dgram', pacing: 0.5 }));
  sendOne(set, arena);
  await set[Symbol.asyncDispose]();
  const ssrcs = new Set<number>();
  for (const [receiver, stream, longest] of [
    [one, first, 1472],
    [two, second, 672],
    [three, third, 1452],
  ] as const) {
    const packets = (await receiver.received(Number(stream.report()['packets']))).map(seePacket);
    assert.ok(joinScan(packets).equals(Buffer.from(scanOf(JPEG))));
    assert.equal(packets[0]?.length, longest);
    ssrcs.add(packets[0]!.ssrc);
    assert.ok(packets.every(({ ssrc }) => ssrc === packets[0]!.ssrc));
  }
  assert.equal(ssrcs.size, 3);
  assert.equal(arena.usedBytes, 0);
});

test('a receiver is taken once', async () => {
  await using set = newSet();
  await set.add(target(5004));
  await assert.rejects(set.add(target(5004)), { code: 'conflict' });
  const other = await set.add(target(5006));
  await assert.rejects(other.retarget('127.0.0.1', 5004), { code: 'conflict' });
  await other.stop();
  assert.deepEqual(
    set.list().map(({ id }) => id),
    ['127.0.0.1:5004'],
  );
});

test('a stream that was stopped tells what it did, and where it heard reports', async () => {
  const arena = new FrameArena(1 << 20);
  await using set = newSet();
  const stream = await set.add(target(5004, { rtcp: true }));
  sendOne(set, arena);
  const { rtcp_port: port } = stream.report();
  assert.ok(Number(port) > 0);
  await stream.stop();
  const { target: to, frames, rtcp_port } = stream.report();
  assert.deepEqual({ to, frames, rtcp_port }, { to: '127.0.0.1:5004', frames: 1, rtcp_port: port });
});

test('a stream is described from its first frame on, or ends without one', async () => {
  const arena = new FrameArena(1 << 20);
  await using set = newSet();
  const stream = await set.add(target(5004));
  const silent = await set.add(target(5006));
  assert.equal(stream.sdp, '');
  await silent.stop();
  await silent.begun;
  sendOne(set, arena);
  await stream.begun;
  assert.match(stream.sdp, /^m=video 5004 /m);
  assert.equal(silent.sdp, '');
});

test('a stream that goes elsewhere says so at once: id and description', async () => {
  const arena = new FrameArena(1 << 20);
  await using set = newSet();
  const stream = await set.add(target(5004));
  sendOne(set, arena);
  assert.match(stream.sdp, /^m=video 5004 /m);
  await stream.retarget('127.0.0.1', 5006);
  assert.equal(stream.id, '127.0.0.1:5006');
  assert.match(stream.sdp, /^o=- \d+ 2 .*\r\n(.*\r\n)*m=video 5006 /m);
});

test('an encrypted stream that goes on as another source says which', async () => {
  const arena = new FrameArena(1 << 20);
  const srtpKeyFile = join(folder, 'key');
  writeFileSync(srtpKeyFile, Buffer.alloc(30, 7).toString('base64'));
  await using receiver = await openUdpReceiver();
  await using set = newSet();
  const stream = await set.add(target(receiver.port, { srtpKeyFile, mtu: 300 }));
  while (stream.report()['srtp_rollovers'] === 0) {
    sendOne(set, arena);
    await new Promise(setImmediate);
  }
  const before = stream.ssrc;
  await stream.retarget('127.0.0.1', 5006);
  assert.notEqual(stream.ssrc, before);
  assert.equal(stream.ssrc, stream.report()['ssrc']);
});

test('a seventeenth receiver is refused', async () => {
  await using set = newSet();
  for (let i = 0; i < 16; i++) await set.add(target(5004 + 2 * i));
  await assert.rejects(set.add(target(6000)), { code: 'resource_limit' });
});

test('the session file is written at the first frame and again when the stream goes elsewhere', async () => {
  const arena = new FrameArena(1 << 20);
  const path = join(folder, 'front.sdp');
  const content = (): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  await using set = newSet();
  const stream = await set.add(target(5004), path);
  sendOne(set, arena);
  await until('the file names the first target', () => content().includes('m=video 5004'));
  await stream.retarget('::1', 5006);
  sendOne(set, arena);
  await until('the file names the second target', () => content().includes('m=video 5006'));
  assert.match(content(), /^c=IN IP6 ::1\r$/m);
});

test('the session file gets the frame rate when it is known', async () => {
  const arena = new FrameArena(1 << 20);
  const path = join(folder, 'rate.sdp');
  await using receiver = await openUdpReceiver();
  await using set = newSet();
  await set.add(target(receiver.port), path);
  let sequence = 0;
  await until('the file has a rate', () => {
    using frame = frameOf(arena, JPEG, sequence, monoUs(sequence * 40_000));
    sequence += 1;
    set.onFrame(frame);
    return existsSync(path) && /^a=framerate:25\r$/m.test(readFileSync(path, 'utf8'));
  });
});

test('a session file that could not be written is there when its folder is', async () => {
  const arena = new FrameArena(1 << 20);
  const clock = new FakeClock();
  const logger = new LogCollector();
  const path = join(folder, 'late', 'front.sdp');
  await using set = new StreamSet('front', open, openFitter, { clock, logger });
  await set.add(target(5004), path);
  sendOne(set, arena);
  await until('the trouble is told', () => logger.events.includes('sdp_not_written'));
  mkdirSync(join(folder, 'late'));
  await until('the file is there', () => {
    void clock.advance(1000);
    sendOne(set, arena);
    return existsSync(path);
  });
});

test('a configured target that cannot be opened is tried again until it can', async () => {
  const clock = new FakeClock();
  let tries = 0;
  const opening = (wanted: RtpTarget) => {
    tries += 1;
    if (tries < 3) throw new CamboxError('network', { verb: 'send to', thing: 'x', reason: 'no such name' });
    return open(wanted);
  };
  const set = new StreamSet('front', opening, openFitter, { clock, logger: SILENT });
  const begun = set.begin([{ target: target(5004), sdpFile: '' }]);
  for (let i = 0; i < 60 && set.list().length === 0; i++) await clock.advance(500);
  await begun;
  await until('the stream is there', () => set.list().length === 1);
  assert.equal(tries, 3);
  await set[Symbol.asyncDispose]();
});
