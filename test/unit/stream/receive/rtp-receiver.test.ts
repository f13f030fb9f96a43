import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../../../src/base/logger.ts';
import { goodbye } from '../../../../src/rtp/rtcp-goodbye.ts';
import { type ReceivedFrame, RtpReceiver } from '../../../../src/stream/receive/rtp-receiver.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { PromptSender } from '../../../support/prompt-sender.ts';
import { freeRtpPort } from '../../../support/rtp-receivers.ts';
import { packetOf } from '../../../support/rtp-reception.ts';
import { until } from '../../../support/until.ts';

const SSRC = 7;
const STRANGER = 8;

interface Setup extends Disposable {
  readonly clock: FakeClock;
  readonly receiver: RtpReceiver;
  readonly sender: PromptSender;
  readonly frames: ReceivedFrame[];
  readonly port: number;
  /** What `ended` told, once it did. */
  readonly end: () => string | undefined;
}

const SOURCE = { group: undefined, payloadType: 26, size: undefined, masterKey: undefined, sendsReports: true };

async function setUp(): Promise<Setup> {
  const clock = new FakeClock();
  const port = await freeRtpPort();
  const frames: ReceivedFrame[] = [];
  const deps = { clock, logger: SILENT, random: () => 0.5, onFrame: (frame: ReceivedFrame) => frames.push(frame) };
  const receiver = new RtpReceiver({ ...SOURCE, port, rtcpPort: port + 1 }, deps);
  const sender = new PromptSender();
  let end: string | undefined;
  void receiver.ended.then((reason) => {
    end = reason;
  });
  return {
    clock,
    receiver,
    sender,
    frames,
    port,
    end: () => end,
    [Symbol.dispose]() {
      receiver[Symbol.dispose]();
      sender[Symbol.dispose]();
    },
  };
}

/** A whole frame in one packet. */
const frame = (sequence: number, parts = {}): Uint8Array =>
  packetOf({ ssrc: SSRC, sequence, timestamp: 3000 * sequence, ...parts });

/** Packets arrive and are read. */
async function arrive(set: Setup, ...packets: readonly Uint8Array[]): Promise<void> {
  const before = set.receiver.counts.packets;
  set.sender.send(set.port, ...packets);
  await until('packets are read', () => set.receiver.counts.packets === before + packets.length);
}

/** A goodbye arrives and is read, where no time is waited for yet. */
async function leave(set: Setup, ssrc: number): Promise<void> {
  assert.equal(set.clock.pendingTimers, 0);
  set.sender.send(set.port + 1, goodbye(ssrc));
  await until('the goodbye is read', () => set.clock.pendingTimers === 1);
}

test('packets left in the socket at the end come out, and one that is missing before them is not waited for', async () => {
  using set = await setUp();
  set.sender.send(set.port, frame(1), frame(3));
  set.receiver[Symbol.dispose]();
  assert.deepEqual([set.frames.length, set.receiver.counts.lost_packets], [2, 1]);
  assert.equal(set.clock.pendingTimers, 0);
});

test('a goodbye left in the socket at the end starts nothing', async () => {
  using set = await setUp();
  await arrive(set, frame(1));
  set.sender.send(set.port + 1, goodbye(SSRC));
  set.receiver[Symbol.dispose]();
  assert.equal(set.clock.pendingTimers, 0);
});

test('waiting for a missing packet leaves no timer behind', async () => {
  using set = await setUp();
  await arrive(set, frame(1), frame(3));
  assert.equal(set.clock.pendingTimers, 1);
  set.receiver[Symbol.dispose]();
  assert.equal(set.clock.pendingTimers, 0);
});

test('waiting for the last packets behind a goodbye leaves no timer behind', async () => {
  using set = await setUp();
  await arrive(set, frame(1));
  await leave(set, SSRC);
  assert.equal(set.clock.pendingTimers, 1);
  set.receiver[Symbol.dispose]();
  assert.equal(set.clock.pendingTimers, 0);
});

test('a packet is not waited for when none comes behind those that wait', async () => {
  using set = await setUp();
  await arrive(set, frame(1), frame(3));
  assert.equal(set.frames.length, 1);
  await set.clock.advance(200);
  assert.equal(set.frames.length, 2);
  assert.equal(set.clock.pendingTimers, 0);
});

test('a goodbye ends it when the last packets have had their time', async () => {
  using set = await setUp();
  await arrive(set, frame(1));
  await leave(set, SSRC);
  await set.clock.advance(150);
  await arrive(set, frame(2));
  await set.clock.advance(150);
  assert.equal(set.end(), undefined);
  await set.clock.advance(100);
  assert.equal(set.end(), 'goodbye');
  assert.equal(set.frames.length, 2);
});

test('packets that never cease behind a goodbye do not put off the end for more than two seconds', async () => {
  using set = await setUp();
  await arrive(set, frame(1));
  await leave(set, SSRC);
  for (let i = 2; i < 22; i++) {
    assert.equal(set.end(), undefined);
    await set.clock.advance(100);
    await arrive(set, frame(i));
  }
  await set.clock.advance(50);
  assert.equal(set.end(), 'goodbye');
});

test('a goodbye that is read before the packets of its source ends it, too', async () => {
  using set = await setUp();
  await leave(set, SSRC);
  await arrive(set, frame(1));
  await set.clock.advance(250);
  assert.deepEqual([set.frames.length, set.end()], [1, 'goodbye']);
});

test('a goodbye of a stranger ends nothing and is forgotten', async () => {
  using set = await setUp();
  await leave(set, STRANGER);
  await arrive(set, frame(1));
  await set.clock.advance(3000);
  assert.equal(set.end(), undefined);
  assert.equal(set.clock.pendingTimers, 0);
});

test('a frame that a goodbye leaves unfinished is lost', async () => {
  using set = await setUp();
  await arrive(set, frame(1), frame(2, { marker: false }));
  await leave(set, SSRC);
  await set.clock.advance(250);
  assert.deepEqual([set.receiver.counts.frames, set.receiver.counts.lost_frames, set.end()], [1, 1, 'goodbye']);
});

test('both ports are free again when the one of RTP is taken', async () => {
  using set = await setUp();
  const from = { ...SOURCE, port: set.port, rtcpPort: set.port - 1 };
  const deps = { clock: set.clock, logger: SILENT, random: () => 0.5, onFrame: () => undefined };
  for (let i = 0; i < 2; i++) {
    assert.throws(() => new RtpReceiver(from, deps), { code: 'in_use' });
  }
  new RtpReceiver({ ...from, port: set.port - 1, rtcpPort: undefined }, deps)[Symbol.dispose]();
});
