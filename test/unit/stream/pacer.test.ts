import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../../src/frame/frame.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { PacketPlan } from '../../../src/rtp/packet-plan.ts';
import { type Pace, Pacer } from '../../../src/stream/pacer.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { frameOf, syntheticJpeg } from '../../support/jpegs.ts';

interface Setup {
  readonly clock: FakeClock;
  readonly arena: FrameArena;
  readonly pacer: Pacer;
  /** Chunks as "first+count" and when they left, in milliseconds since the start. */
  readonly sent: [chunk: string, atMs: number][];
  frame(): Frame;
}

function setUp(): Setup {
  const clock = new FakeClock(0);
  const arena = new FrameArena(1_000_000);
  const sent: Setup['sent'] = [];
  const pacer = new Pacer(clock, (_frame, _plan, first, count) => sent.push([`${first}+${count}`, clock.now() / 1000]));
  return { clock, arena, pacer, sent, frame: () => frameOf(arena, syntheticJpeg(), 0) };
}

const pace = (chunkPackets: number, burstPackets: number, spreadUs: number): Pace => ({
  chunkPackets,
  burstPackets,
  spreadUs,
});

function planOf(packets: number): PacketPlan {
  const plan = new PacketPlan();
  plan.reserve(packets, 0);
  plan.count = packets;
  return plan;
}

test('a pacer sends the first burst at once and the others, of the same size, evenly over the spread', async () => {
  const { clock, arena, pacer, sent, frame } = setUp();
  {
    using first = frame();
    pacer.send(first, planOf(170), pace(44, 44, 16_000));
  }
  assert.deepEqual(sent, [['0+43', 0]]);
  assert.ok(arena.usedBytes > 0, 'the frame is retained');
  await clock.advance(16);
  assert.deepEqual(sent.slice(1), [
    ['43+43', 4],
    ['86+43', 8],
    ['129+41', 12],
  ]);
  assert.equal(arena.usedBytes, 0);
  assert.equal(clock.pendingTimers, 0);
});

test('a pacer sends a frame of one chunk at once and keeps nothing', () => {
  const { clock, arena, pacer, sent, frame } = setUp();
  {
    using only = frame();
    pacer.send(only, planOf(44), pace(44, 44, 16_000));
  }
  assert.deepEqual(sent, [['0+44', 0]]);
  assert.equal(arena.usedBytes + clock.pendingTimers, 0);
});

test('a pacer without a spread sends all chunks in a burst', () => {
  const { arena, pacer, sent, frame } = setUp();
  {
    using burst = frame();
    pacer.send(burst, planOf(100), pace(44, 44, 0));
  }
  assert.deepEqual(
    sent.map(([chunk]) => chunk),
    ['0+44', '44+44', '88+12'],
  );
  assert.equal(arena.usedBytes, 0);
});

test('a pacer makes larger bursts where the timer is too coarse for more', async () => {
  const { clock, pacer, sent, frame } = setUp();
  using many = frame();
  pacer.send(many, planOf(80), pace(10, 10, 4000));
  await clock.advance(3);
  assert.deepEqual(sent, [
    ['0+10', 0],
    ['10+10', 0],
    ['20+10', 1],
    ['30+10', 1],
    ['40+10', 2],
    ['50+10', 2],
    ['60+10', 3],
    ['70+10', 3],
  ]);
});

test('a pacer sends a burst of several chunks where that many packets may leave together', async () => {
  const { clock, pacer, sent, frame } = setUp();
  using many = frame();
  pacer.send(many, planOf(181), pace(44, 64, 15_000));
  await clock.advance(15);
  assert.deepEqual(sent, [
    ['0+44', 0],
    ['44+17', 0],
    ['61+44', 5],
    ['105+17', 5],
    ['122+44', 10],
    ['166+15', 10],
  ]);
});

test('a pacer does not delay the frames of a slow camera more than sparing the receiver needs', async () => {
  const { clock, pacer, sent, frame } = setUp();
  using slow = frame();
  pacer.send(slow, planOf(30), pace(10, 10, 500_000));
  await clock.advance(20);
  assert.deepEqual(sent, [
    ['0+10', 0],
    ['10+10', 10],
    ['20+10', 20],
  ]);
});

test('flushing a pacer sends the rest now, releases the frame and stops the timer', async () => {
  const { clock, arena, pacer, sent, frame } = setUp();
  {
    using cut = frame();
    pacer.send(cut, planOf(100), pace(10, 10, 16_000));
  }
  await clock.advance(2);
  pacer.flush();
  assert.deepEqual(sent.at(-1), ['90+10', 2]);
  assert.equal(sent.length, 10);
  assert.equal(arena.usedBytes + clock.pendingTimers, 0);
  pacer.flush();
  assert.equal(sent.length, 10);
});
