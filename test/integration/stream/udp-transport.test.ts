import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { openRtpStream, type RtpStream } from '../../../src/stream/rtp-stream.ts';
import { TARGET_DEFAULTS } from '../../../src/stream/rtp-target.ts';
import { ffmpegJpegs, frameOf } from '../../support/jpegs.ts';
import { joinScan, scanOf, seePacket } from '../../support/rtp-packets.ts';
import { closedPort, openUdpReceiver } from '../../support/udp-receiver.ts';

const TRANSPORTS = ['gso', 'dgram'] as const;
const JPEG = ffmpegJpegs(1, '1280x720', ['-huffman', 'default', '-q:v', '2']);
const SCAN = Buffer.from(scanOf(JPEG));
const SCENARIO = join(import.meta.dirname, '../../support', 'stream-in-namespace.ts');

const open = (transport: (typeof TRANSPORTS)[number], host: string, port: number): Promise<RtpStream> =>
  openRtpStream(
    { ...TARGET_DEFAULTS, host, port, ssrc: 7, transport, pacing: 0, rtcp: false },
    { clock: SYSTEM_CLOCK, logger: SILENT, random: () => 0.25, cname: 'test' },
  );

function sendOne(stream: RtpStream, arena: FrameArena, sequence = 0): void {
  using frame = frameOf(arena, JPEG, sequence);
  stream.send(frame);
}

for (const transport of TRANSPORTS) {
  for (const host of ['127.0.0.1', '::1']) {
    test(`${transport} delivers every packet of a frame to ${host}, none longer than the MTU allows`, async () => {
      const arena = new FrameArena(1 << 20);
      await using receiver = await openUdpReceiver(host);
      const stream = await open(transport, host, receiver.port);
      sendOne(stream, arena);
      await stream[Symbol.asyncDispose]();
      const packets = (await receiver.received(stream.counts.packets)).map(seePacket);
      assert.deepEqual(joinScan(packets), SCAN);
      assert.ok(packets.length > 44, 'more than one system call was needed');
      assert.equal(Math.max(...packets.map(({ length }) => length)), 1500 - (host === '::1' ? 48 : 28));
      assert.deepEqual([stream.transport, stream.counts.unsent_packets], [transport, 0]);
      assert.equal(arena.usedBytes, 0);
    });
  }

  test(`${transport} counts that nobody listens, and reaches a receiver that comes later`, async () => {
    const arena = new FrameArena(4 << 20);
    const port = await closedPort();
    await using stream = await open(transport, '127.0.0.1', port);
    for (let i = 0; i < 3; i++) {
      sendOne(stream, arena, i);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(stream.counts.send_errors.of('ECONNREFUSED') > 0);
    await using receiver = await openUdpReceiver('127.0.0.1', port);
    sendOne(stream, arena, 3);
    sendOne(stream, arena, 4);
    const packets = (await receiver.received(52)).map(seePacket);
    assert.ok(packets.some(({ marker }) => marker));
    assert.deepEqual(Object.keys(stream.counts.send_errors.toJSON()), ['ECONNREFUSED']);
  });
}

test('both transports put the same bytes on the wire', async () => {
  const arena = new FrameArena(1 << 20);
  const seen: Buffer[] = [];
  for (const transport of TRANSPORTS) {
    await using receiver = await openUdpReceiver();
    await using stream = await open(transport, '127.0.0.1', receiver.port);
    sendOne(stream, arena);
    await receiver.received(1);
    await stream[Symbol.asyncDispose]();
    seen.push(Buffer.concat(await receiver.received(stream.counts.packets)));
  }
  assert.deepEqual(seen[0], seen[1]);
});

interface ScenarioResult {
  readonly before: { readonly packets: number; readonly send_errors: Record<string, number> };
  readonly after: { readonly packets: number; readonly send_errors: Record<string, number> };
  readonly transport: string;
  readonly isWhole: boolean;
  readonly arenaUsed: number;
}

/** A network namespace of its own, so that routes and MTU can be shaped without touching the machine's network. */
async function inNamespace(transport: string, scenario: string): Promise<ScenarioResult> {
  const args = ['-rn', process.execPath, SCENARIO, transport, scenario];
  const { stdout } = await promisify(execFile)('unshare', args, { timeout: 30_000 });
  return JSON.parse(stdout) as ScenarioResult;
}

for (const transport of TRANSPORTS) {
  test(`${transport} opens without a route, counts ENETUNREACH, and sends once there is one`, async () => {
    const result = await inNamespace(transport, 'late-route');
    assert.equal(result.before.packets, 0);
    assert.ok((result.before.send_errors['ENETUNREACH'] ?? 0) > 0);
    assert.deepEqual([result.isWhole, result.arenaUsed], [true, 0]);
  });
}

test('auto falls back to dgram when the device refuses to segment', async () => {
  const result = await inNamespace('auto', 'small-mtu');
  assert.equal(result.transport, 'dgram');
  assert.deepEqual([result.isWhole, result.arenaUsed], [true, 0]);
});
