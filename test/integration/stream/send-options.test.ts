import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { encodeSocketAddress } from '../../../src/native/socket-address.ts';
import { receiverReport } from '../../../src/rtp/rtcp-reports.ts';
import { openRtpStream, type RtpStream } from '../../../src/stream/rtp-stream.ts';
import { type RtpTarget, TARGET_DEFAULTS } from '../../../src/stream/rtp-target.ts';
import { openSendSocket } from '../../../src/stream/send-socket.ts';
import { ffmpegJpegs, frameOf } from '../../support/jpegs.ts';
import { MarkedReceiver } from '../../support/marked-receiver.ts';
import { until } from '../../support/until.ts';

const JPEG = ffmpegJpegs(1, '1280x720', ['-huffman', 'default', '-q:v', '4']);
const TRANSPORTS = ['gso', 'dgram'] as const;
const IN_NAMESPACE = join(import.meta.dirname, '../../support', 'group-in-namespace.ts');
const GROUPS = ['239.192.7.9', 'ff15::7:9'] as const;

const open = (target: Partial<RtpTarget> & Pick<RtpTarget, 'host' | 'port' | 'transport'>): Promise<RtpStream> =>
  openRtpStream(
    { ...TARGET_DEFAULTS, pacing: 0, rtcp: false, ...target },
    { clock: SYSTEM_CLOCK, logger: SILENT, random: Math.random, cname: 'test' },
  );

function sendOne(stream: RtpStream, arena: FrameArena): void {
  using frame = frameOf(arena, JPEG, 0);
  stream.send(frame);
}

for (const transport of TRANSPORTS) {
  for (const host of ['127.0.0.1', '::1']) {
    test(`${transport} marks packets to ${host} with DSCP and TTL`, async () => {
      const arena = new FrameArena(1 << 20);
      using receiver = new MarkedReceiver(host);
      await using stream = await open({ host, port: receiver.port, transport, dscp: 34, ttl: 7 });
      sendOne(stream, arena);
      const packets = await receiver.received(stream.counts.packets);
      assert.ok(packets.every(({ tos, ttl }) => tos === 34 << 2 && ttl === 7));
      assert.equal(arena.usedBytes, 0);
    });
  }

  for (const group of GROUPS) {
    test(`${transport} sends to group ${group}: interface, TTL, DSCP and loop as asked for`, async () => {
      const args = ['-rn', process.execPath, IN_NAMESPACE, transport, group];
      const { stdout } = await promisify(execFile)('unshare', args, { timeout: 30_000 });
      const { sent, ...result } = JSON.parse(stdout) as { sent: [mute: number, heard: number] };
      assert.equal(sent[0], sent[1]);
      const marks = [`tos ${10 << 2} ttl 3`];
      assert.deepEqual(result, { send_errors: {}, isWhole: true, muteHeard: 0, marks, transport });
    });
  }
}

test('the session description of a group names it with its TTL', async () => {
  const arena = new FrameArena(1 << 20);
  const stream = await open({ host: GROUPS[0], port: 5004, transport: 'auto', interface: 'lo', ttl: 3 });
  sendOne(stream, arena);
  assert.match(stream.sdp() ?? '', /^c=IN IP4 239\.192\.7\.9\/3\r$/m);
  await stream[Symbol.asyncDispose]();
});

test('RTCP carries the same marks', async () => {
  const arena = new FrameArena(1 << 20);
  using receiver = new MarkedReceiver('127.0.0.1');
  const target = {
    host: '127.0.0.1',
    port: receiver.port - 1,
    transport: 'gso',
    dscp: 46,
    ttl: 9,
    rtcp: true,
  } as const;
  await using stream = await open(target);
  sendOne(stream, arena);
  const [report] = await receiver.received(1);
  assert.deepEqual([report?.bytes[1], report?.tos, report?.ttl], [200, 46 << 2, 9]);
});

test('in a group the reports of every receiver are heard: all of them go to the group [RFC3550 §6.2]', async () => {
  const target = { host: GROUPS[0], port: 6400, transport: 'gso', interface: 'lo', rtcp: true } as const;
  await using stream = await open(target);
  const to = { address: GROUPS[0], port: target.port + 1 };
  const block = {
    ssrc: stream.ssrc,
    fractionLost: 64,
    cumulativeLost: 7,
    highestSequence: 0,
    jitter: 0,
    lastSenderReport: 0,
    delaySinceLastSenderReport: 0,
  };
  using receiver = openSendSocket(to, { ...TARGET_DEFAULTS, interface: 'lo' });
  for (const ssrc of [7, 8]) {
    assert.equal(receiver.sendTo(receiverReport(ssrc, [block]), encodeSocketAddress(to)), 0);
  }
  await until('both are heard', () => stream.report()['remote_receivers'] === 2);
  assert.equal(stream.report()['remote_loss_pct'], 25);
});

test('an interface that is not there is refused, naming it', async () => {
  for (const host of ['127.0.0.1', '::1', ...GROUPS]) {
    const opening = open({ host, port: 5004, transport: 'auto', interface: 'no-such0' });
    await assert.rejects(opening, { code: 'bad_argument', message: /"no-such0".*ip link/ });
  }
});
