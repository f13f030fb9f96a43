/**
 * A stream to a multicast group in a network of its own, where groups have a route and no packet gets out: run as
 * `unshare -rn node THIS TRANSPORT GROUP`, prints one JSON object. Two streams send a frame each, the first one with the
 * loop switched off.
 */
import { execFileSync } from 'node:child_process';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { SILENT } from '../../src/base/logger.ts';
import { FrameArena } from '../../src/frame/frame-arena.ts';
import { openRtpStream } from '../../src/stream/rtp-stream.ts';
import { type RtpTarget, TARGET_DEFAULTS } from '../../src/stream/rtp-target.ts';
import { ffmpegJpegs, frameOf } from './jpegs.ts';
import { MarkedReceiver } from './marked-receiver.ts';
import { joinScan, scanOf, seePacket } from './rtp-packets.ts';

const DEVICE = 'v0';
const MUTE = 1;
const HEARD = 2;

const ip = (...args: string[]): void => void execFileSync('ip', args);

function setUpNetwork(): void {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', DEVICE, 'type', 'veth', 'peer', 'name', 'v1');
  ip('link', 'set', 'v1', 'up');
  ip('addr', 'add', '10.9.9.1/24', 'dev', DEVICE);
  ip('addr', 'add', 'fd00:9::1/64', 'dev', DEVICE, 'nodad');
  ip('link', 'set', DEVICE, 'up');
}

async function main(transport: RtpTarget['transport'], host: string): Promise<void> {
  setUpNetwork();
  const jpeg = ffmpegJpegs(1, '640x480', ['-huffman', 'default', '-q:v', '4']);
  const arena = new FrameArena(1 << 20);
  using receiver = new MarkedReceiver(host, { device: DEVICE });
  const common = { ...TARGET_DEFAULTS, host, port: receiver.port, transport, pacing: 0, rtcp: false };
  const target = { ...common, interface: DEVICE, ttl: 3, dscp: 10 };
  const deps = { clock: SYSTEM_CLOCK, logger: SILENT, random: Math.random, cname: 'test' };
  await using mute = await openRtpStream({ ...target, ssrc: MUTE, loop: false }, deps);
  await using heard = await openRtpStream({ ...target, ssrc: HEARD }, deps);
  using frame = frameOf(arena, jpeg, 0);
  mute.send(frame);
  heard.send(frame);
  const datagrams = await receiver.received(heard.counts.packets);
  const packets = datagrams.map(({ bytes }) => seePacket(bytes));
  const result = {
    sent: [mute.counts.packets, heard.counts.packets],
    send_errors: heard.counts.send_errors,
    isWhole: joinScan(packets.filter(({ ssrc }) => ssrc === HEARD)).equals(Buffer.from(scanOf(jpeg))),
    muteHeard: packets.filter(({ ssrc }) => ssrc === MUTE).length,
    marks: [...new Set(datagrams.map(({ tos, ttl }) => `tos ${tos} ttl ${ttl}`))],
    transport: heard.transport,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

await main(process.argv[2] as RtpTarget['transport'], process.argv[3] ?? '');
