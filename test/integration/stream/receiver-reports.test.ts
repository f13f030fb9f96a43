import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { openRtpStream, type RtpStream } from '../../../src/stream/rtp-stream.ts';
import { TARGET_DEFAULTS } from '../../../src/stream/rtp-target.ts';
import { frameOf, syntheticJpeg } from '../../support/jpegs.ts';
import { openLossyRelay, randomLoss } from '../../support/lossy-relay.ts';
import { startReceive } from '../../support/receive-process.ts';
import { freeRtpPort } from '../../support/rtp-receivers.ts';
import { closedPort } from '../../support/udp-receiver.ts';
import { until } from '../../support/until.ts';

const FRAME_MS = 20;
const MOST_FRAMES = 600;
const JPEG = syntheticJpeg(320, 240);

const folder = mkdtempSync(join(tmpdir(), 'receiver-reports-'));
after(() => rmSync(folder, { recursive: true }));
const KEY_FILE = join(folder, 'key');
writeFileSync(KEY_FILE, randomBytes(30).toString('base64'));

/** Frames, in time with the clock as a camera's are, until the condition holds. */
async function sendUntil(stream: RtpStream, arena: FrameArena, isDone: () => boolean): Promise<void> {
  for (let i = 0; i < MOST_FRAMES && !isDone(); i++) {
    using frame = frameOf(arena, JPEG, i, SYSTEM_CLOCK.now());
    stream.send(frame);
    await SYSTEM_CLOCK.sleep(FRAME_MS);
  }
}

for (const [name, srtpKeyFile, secret] of [
  ['a stream', '', []],
  ['an encrypted stream', KEY_FILE, ['--srtp-key-file', KEY_FILE]],
] as const) {
  test(`the sender of ${name} is told what the network lost, and that the receiver has left`, async () => {
    const arena = new FrameArena(1 << 20);
    const port = await freeRtpPort();
    const lossy = randomLoss(0.1, 1);
    let lost = 0;
    let isLossy = true;
    await using relay = await openLossyRelay(port, (index) => {
      if (!isLossy || index === 0 || lossy(index) === 'pass') return 'pass';
      lost += 1;
      return 'drop';
    });
    const receive = await startReceive(port, '--port', String(port), ...secret);
    await using _receive = receive;
    const target = { ...TARGET_DEFAULTS, host: '127.0.0.1', port: relay.port, srtpKeyFile };
    const deps = { clock: SYSTEM_CLOCK, logger: SILENT, random: Math.random, cname: 'test' };
    await using stream = await openRtpStream(target, deps);
    const report = (): Readonly<Record<string, unknown>> => stream.report();

    await sendUntil(stream, arena, () => report()['remote_receivers'] === 1);
    const { remote_loss_pct, remote_jitter_ms } = report();
    assert.ok(Number(remote_loss_pct) > 2 && Number(remote_loss_pct) < 25, `${String(remote_loss_pct)} %`);
    assert.ok(Number(remote_jitter_ms) >= 0 && Number(remote_jitter_ms) < FRAME_MS, `${String(remote_jitter_ms)} ms`);

    // Only what comes behind a lost packet tells that it is lost. The next report is 6.2 s away at most.
    isLossy = false;
    await sendUntil(stream, arena, () => relay.reports.length > 1);
    await until('the second report is heard', () => report()['remote_lost_packets'] === lost);
    assert.ok(Number(report()['rtt_ms']) < 1000, `round trip ${String(report()['rtt_ms'])} ms`);

    const { summary } = await receive.stop();
    assert.deepEqual([summary?.lost_packets, summary?.reports_sent], [lost, relay.reports.length]);
    await until('the goodbye', () => report()['remote_receivers'] === 0);
    assert.equal(arena.usedBytes, 0);
  });
}

test('a receiver that is to send no reports sends none', async () => {
  const arena = new FrameArena(1 << 20);
  const port = await freeRtpPort();
  await using relay = await openLossyRelay(port, () => 'pass');
  await using receive = await startReceive(port, '--port', String(port), '--no-reports', '--frames', '200');
  const target = { ...TARGET_DEFAULTS, host: '127.0.0.1', port: relay.port };
  const deps = { clock: SYSTEM_CLOCK, logger: SILENT, random: Math.random, cname: 'test' };
  await using stream = await openRtpStream(target, deps);
  let isOver = false;
  void receive.ended.then(() => {
    isOver = true;
  });
  await sendUntil(stream, arena, () => isOver);
  const { summary } = await receive.ended;
  assert.deepEqual([summary?.ended, summary?.sender_packets === undefined], ['frames', false]);
  assert.deepEqual([relay.reports.length, summary?.reports_sent], [0, undefined]);
});

const GSTREAMER_MS = 8000;

/** GStreamer's rtpbin sends for GSTREAMER_MS; resolves with what it logged about RTCP. */
async function gstreamerSends(port: number, reportsAt: number): Promise<string> {
  const scene = ['videotestsrc', 'is-live=true', '!', 'video/x-raw,format=I420,width=320,height=240,framerate=30/1'];
  const to = (toPort: number): string[] => ['udpsink', 'host=127.0.0.1', `port=${toPort}`, 'sync=false', 'async=false'];
  const rtp = [
    ...scene,
    '!',
    'jpegenc',
    '!',
    'rtpjpegpay',
    '!',
    'b.send_rtp_sink_0',
    'b.send_rtp_src_0',
    '!',
    ...to(port),
  ];
  const rtcp = ['b.send_rtcp_src_0', '!', ...to(port + 1), 'udpsrc', `port=${reportsAt}`, '!', 'b.recv_rtcp_sink_0'];
  const env = { ...process.env, GST_DEBUG: 'rtpsession:5,rtpsource:5', GST_DEBUG_NO_COLOR: '1' };
  const child = spawn('gst-launch-1.0', ['-q', 'rtpbin', 'name=b', ...rtp, ...rtcp], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  setTimeout(() => child.kill('SIGKILL'), GSTREAMER_MS);
  return text(child.stderr);
}

test('GStreamer as the sender understands the reports: loss, round trip, and the goodbye', async () => {
  const port = await freeRtpPort();
  const reportsAt = await closedPort();
  await using receive = await startReceive(port, '--port', String(port), '--seconds', '6');
  const lossy = randomLoss(0.1, 2);
  await using relay = await openLossyRelay(port, (index) => (index === 0 ? 'pass' : lossy(index)), reportsAt);
  const log = await gstreamerSends(relay.port, reportsAt);
  const { summary, stderr } = await receive.ended;
  assert.deepEqual([summary?.ended, stderr], ['seconds', '']);
  const blocks = [...log.matchAll(/got RB packet: SSRC \w+, FL (\w+), PL (\d+)/g)];
  assert.ok(blocks.length >= 2, `${blocks.length} blocks`);
  const fraction = Number.parseInt(blocks[0]![1]!, 16) / 256;
  assert.ok(fraction > 0.02 && fraction < 0.25, `${fraction} lost`);
  assert.equal(Number(blocks.at(-1)![2]), summary?.lost_packets);
  const roundTrips = [...log.matchAll(/round trip (\w+):(\w+)/g)];
  assert.ok(roundTrips.length > 0);
  for (const [, seconds, parts] of roundTrips) {
    assert.ok(seconds === '0000' && Number.parseInt(parts!, 16) < 0.5 * 65_536, `round trip ${seconds}:${parts}`);
  }
  assert.match(log, /got BYE packet/);
});

test('a group is heard by the interface that is named, and reported to there', async () => {
  const sdp = join(folder, 'interface.sdp');
  writeFileSync(sdp, 'v=0\r\nc=IN IP4 239.1.2.3/4\r\nm=video 5004 RTP/AVP 26\r\n');
  // The group has a route by another interface than the one that it is sent by.
  const script = `
    ip link set lo up && ip link set lo multicast on && ip route add 224.0.0.0/4 dev lo
    ip link add v0 type veth peer name v1 && ip link set v1 up && ip addr add 10.9.9.1/24 dev v0 && ip link set v0 up
    timeout 30 "$0" src/main.ts receive --sdp ${sdp} --interface v0 --json & received=$!
    for i in $(seq 200); do [ "$(grep -c :138C /proc/net/udp)" = 1 ] && break; sleep 0.1; done
    timeout 30 "$0" src/main.ts stream synthetic:320x240 --to rtp://239.1.2.3:5004 --interface v0 --frames 180 --json
    wait $received`;
  const { stdout } = await promisify(execFile)('unshare', ['-rn', 'sh', '-c', script, process.execPath], {
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const summaries = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const find = (key: string): Record<string, unknown> => summaries.find((summary) => key in summary);
  assert.equal(find('remote_receivers')['remote_receivers'], 1);
  assert.equal(find('rcvbuf_bytes')['ended'], 'goodbye');
});

test('in a group all receivers report to the group, and the sender hears each [RFC3550 §6.2]', async () => {
  const sdp = join(folder, 'group.sdp');
  writeFileSync(sdp, 'v=0\r\nc=IN IP4 239.1.2.3/4\r\nm=video 5004 RTP/AVP 26\r\n');
  // In a network of its own, where groups have a route. The receivers end at the goodbye.
  const script = `
    ip link set lo up && ip link set lo multicast on && ip route add 224.0.0.0/4 dev lo
    for i in 1 2; do timeout 30 "$0" src/main.ts receive --sdp ${sdp} >&2 & done
    for i in $(seq 200); do [ "$(grep -c :138C /proc/net/udp)" = 2 ] && break; sleep 0.1; done
    timeout 30 "$0" src/main.ts stream synthetic:320x240 --to rtp://239.1.2.3:5004 --interface lo --frames 180 --json
    wait`;
  const { stdout } = await promisify(execFile)('unshare', ['-rn', 'sh', '-c', script, process.execPath], {
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const { remote_receivers, remote_loss_pct } = JSON.parse(stdout) as Record<string, number>;
  assert.deepEqual([remote_receivers, remote_loss_pct], [2, 0]);
});
