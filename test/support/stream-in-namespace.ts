/**
 * A stream in a network of its own, which the test shapes: run as `unshare -rn node THIS TRANSPORT SCENARIO`, prints one
 * JSON object. Scenarios:
 *   late-route  no route to the target while the first frames are sent, then there is one
 *   small-mtu   the device's MTU is smaller than the stream's
 */
import { execFileSync } from 'node:child_process';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { SILENT } from '../../src/base/logger.ts';
import { FrameArena } from '../../src/frame/frame-arena.ts';
import { openRtpStream, type RtpStream } from '../../src/stream/rtp-stream.ts';
import { type RtpTarget, TARGET_DEFAULTS } from '../../src/stream/rtp-target.ts';
import { ffmpegJpegs, frameOf } from './jpegs.ts';
import { joinScan, scanOf, seePacket } from './rtp-packets.ts';
import { openUdpReceiver } from './udp-receiver.ts';

const TARGET = '10.9.9.9';
const PORT = 5004;
const TRIES = 200;

const ip = (...args: string[]): void => void execFileSync('ip', args);

const jpeg = ffmpegJpegs(1, '640x480', ['-huffman', 'default', '-q:v', '4']);
const arena = new FrameArena(1 << 20);
let sequence = 0;

function send(stream: RtpStream): void {
  using frame = frameOf(arena, jpeg, sequence++);
  stream.send(frame);
}

async function main(transport: RtpTarget['transport'], scenario: string): Promise<void> {
  const isLate = scenario === 'late-route';
  ip('link', 'set', 'lo', 'mtu', isLate ? '65536' : '1000', 'up');
  if (!isLate) ip('addr', 'add', `${TARGET}/32`, 'dev', 'lo');
  const target = { ...TARGET_DEFAULTS, host: TARGET, port: PORT, ssrc: 1, transport, pacing: 0, rtcp: false };
  const stream = await openRtpStream(target, {
    clock: SYSTEM_CLOCK,
    logger: SILENT,
    random: Math.random,
    cname: 'test',
  });
  send(stream);
  send(stream);
  const before = JSON.parse(JSON.stringify(stream.counts));
  if (isLate) ip('addr', 'add', `${TARGET}/32`, 'dev', 'lo');

  const receiver = await openUdpReceiver(TARGET, PORT);
  const hasFrame = (): boolean => receiver.packets.some((packet) => seePacket(packet).marker);
  for (let i = 0; i < TRIES && !hasFrame(); i++) {
    send(stream);
    await SYSTEM_CLOCK.sleep(20);
  }
  const packets = receiver.packets.map(seePacket);
  const end = packets.findIndex(({ marker }) => marker) + 1;
  const isWhole = end > 0 && joinScan(packets.slice(0, end)).equals(scanOf(jpeg));
  await stream[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  const result = { before, after: stream.counts, transport: stream.transport, isWhole, arenaUsed: arena.usedBytes };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

await main(process.argv[2] as RtpTarget['transport'], process.argv[3] ?? '');
