import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CamboxError } from '../../../src/base/errors.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { rtpTicks } from '../../../src/base/units.ts';
import { type CliIo, UsageError } from '../../../src/cli/cli-command.ts';
import { RECEIVE } from '../../../src/cli/receive.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { cambox } from '../../support/daemon-rig.ts';
import { syntheticJpeg } from '../../support/jpegs.ts';
import { packetsOfPictures, sendPackets } from '../../support/packet-sender.ts';
import { startReceive } from '../../support/receive-process.ts';
import { freeRtpPort } from '../../support/rtp-receivers.ts';
import { openUdpReceiver } from '../../support/udp-receiver.ts';

const SIZE = { width: 160, height: 128 };
const FRAMES = 40;
/** A peer that hangs fails the test. */
const LIMITS = { timeout: 20_000, killSignal: 'SIGKILL' } as const;

const folder = mkdtempSync(join(tmpdir(), 'receive-cli-'));
after(() => rmSync(folder, { recursive: true }));

/** Frames that come at uneven times, and whose timestamps wrap on the way. */
const STEPS = [3000, 1500, 4500, 2999, 9001];
const ticks = [0];
for (let i = 1; i < FRAMES; i++) ticks.push(ticks[i - 1]! + STEPS[i % STEPS.length]!);
const JPEGS = ticks.map((_, i) => syntheticJpeg(SIZE.width, SIZE.height, i));
const packetsFrom = (firstTimestamp: number): Uint8Array[] =>
  packetsOfPictures(ticks.map((at, i) => ({ jpeg: JPEGS[i]!, timestamp: rtpTicks(firstTimestamp + at) })));
const PACKETS = packetsFrom(2 ** 32 - 20_000);

interface Probed {
  readonly codec: string;
  readonly times: readonly number[];
}

function probe(path: string): Probed {
  const entries = ['-show_entries', 'stream=codec_name:packet=pts_time', '-of', 'json'];
  const { streams, packets } = JSON.parse(
    execFileSync('ffprobe', ['-v', 'error', ...entries, path], { encoding: 'utf8', ...LIMITS }),
  );
  const times = packets
    .map(({ pts_time }: { pts_time: string }) => Number(pts_time))
    .sort((a: number, b: number) => a - b);
  return { codec: streams[0].codec_name, times };
}

const VIDEOS: readonly (readonly [name: string, codec: string, toleranceS: number, args: readonly string[]])[] = [
  ['copy.mp4', 'mjpeg', 1 / 90_000, []],
  ['copy.mkv', 'mjpeg', 0.00051, []],
  ['encoded.mp4', 'h264', 1 / 90_000, ['--encode']],
  ['encoded.mkv', 'h264', 0.00051, ['--encode']],
];
for (const [name, codec, toleranceS, args] of VIDEOS) {
  test(`a video (${name}) has every frame at the sender's time, over the wrap of its timestamps`, async () => {
    const out = join(folder, name);
    const port = await freeRtpPort();
    await using receive = await startReceive(port, '--port', String(port), '--out', out, ...args);
    await sendPackets(PACKETS, port);
    const { code, summary, stderr } = await receive.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual([summary?.ended, summary?.frames, summary?.stored], ['goodbye', FRAMES, FRAMES]);
    const probed = probe(out);
    assert.deepEqual([probed.codec, probed.times.length], [codec, FRAMES]);
    for (const [i, at] of probed.times.entries()) {
      assert.ok(Math.abs(at - ticks[i]! / 90_000) <= toleranceS, `frame ${i} at ${at}, not ${ticks[i]! / 90_000}`);
    }
  });
}

const TWO_SIZES = packetsOfPictures(
  JPEGS.map((jpeg, i) => ({
    jpeg: i < FRAMES - 3 ? jpeg : syntheticJpeg(2 * SIZE.width, SIZE.height, i),
    timestamp: ticks[i]!,
  })),
);
for (const [out, why] of [
  ['sizes.mp4', { other_size: 3 }],
  ['sizes', undefined],
] as const) {
  test(`pictures of another size on the way into ${out} are ${why === undefined ? 'stored' : 'left out, with the reason'}`, async () => {
    const port = await freeRtpPort();
    await using receive = await startReceive(port, '--port', String(port), '--out', join(folder, out));
    await sendPackets(TWO_SIZES, port);
    const { code, summary, stderr } = await receive.ended;
    const unstored = why?.other_size ?? 0;
    assert.deepEqual([summary?.frames, summary?.stored, summary?.not_stored], [FRAMES, FRAMES - unstored, unstored]);
    assert.deepEqual(summary?.not_stored_why, why);
    assert.equal(code, why === undefined ? 0 : 1);
    const warnings = stderr.split('\n').filter((line) => line.includes('frames_not_stored'));
    assert.equal(warnings.length, why === undefined ? 0 : 1, stderr);
    if (why !== undefined) assert.match(warnings[0]!, /320x128.*160x128.*name a folder/);
  });
}

test('Ctrl-C while frames come completes the file', async () => {
  const out = join(folder, 'interrupted.mkv');
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port), '--out', out);
  const frames = PACKETS.slice(0, -1); // the last frame stays unfinished, and no goodbye is said
  await using witness = await openUdpReceiver();
  for (const packet of frames) await sendTo(packet, port, witness.port);
  const { code, summary, stderr } = await receive.stop();
  assert.equal(summary?.ended, 'signal', stderr);
  assert.equal(code, 0);
  assert.equal(probe(out).times.length, summary?.frames);
  assert.ok(Number(summary?.frames) >= FRAMES - 2, `${summary?.frames} frames`);
});

/** To `port`, and then to one of ours: when it is there, loopback has delivered both. */
async function sendTo(packet: Uint8Array, port: number, witness: number): Promise<void> {
  const socket = createSocket('udp4');
  for (const to of [port, witness]) {
    await new Promise<void>((resolve) => socket.send(packet, to, '127.0.0.1', () => resolve()));
  }
  socket.close();
}

test('--frames N stores exactly N pictures, whole JPEGs numbered from 1', async () => {
  const out = join(folder, 'five');
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port), '--out', out, '--frames', '5');
  await sendPackets(PACKETS, port);
  const { code, summary } = await receive.ended;
  assert.deepEqual([code, summary?.ended, summary?.stored], [0, 'frames', 5]);
  assert.deepEqual(
    readdirSync(out).sort(),
    [1, 2, 3, 4, 5].map((n) => `00000${n}.jpg`),
  );
  for (const name of readdirSync(out)) assert.equal(typeof walkJpeg(readFileSync(join(out, name))), 'object');
});

test('without a sender --seconds ends it with 2 and a summary', async () => {
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port), '--seconds', '0.3');
  const { code, summary } = await receive.ended;
  assert.deepEqual([code, summary?.ended, summary?.frames, summary?.ssrc], [2, 'seconds', 0, null]);
  assert.ok(Number(summary?.rcvbuf_bytes) > 0);
  assert.equal(summary?.kernel_drops, 0);
});

test('without a goodbye --idle ends it when nothing comes any more, and every frame is stored', async () => {
  const out = join(folder, 'idle.mkv');
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port), '--out', out, '--idle', '2');
  await using witness = await openUdpReceiver();
  for (const packet of PACKETS) await sendTo(packet, port, witness.port);
  const { code, summary } = await receive.ended;
  assert.deepEqual([code, summary?.ended, summary?.stored], [0, 'idle', FRAMES]);
});

test('without a sender --idle ends it with 2', async () => {
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port), '--idle', '0.3');
  const { code, summary } = await receive.ended;
  assert.deepEqual([code, summary?.ended, summary?.frames], [2, 'idle', 0]);
});

test('a goodbye of a stranger, and garbage on both ports, do not end it', async () => {
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port), '--frames', String(FRAMES));
  const half = PACKETS.length >> 1;
  const garbage = [new Uint8Array(0), new Uint8Array([0x80]), new Uint8Array(2000).fill(0xff)];
  const strange = Uint8Array.from([0x81, 203, 0, 1, 9, 9, 9, 9]);
  await using witness = await openUdpReceiver();
  for (const packet of [...PACKETS.slice(0, half), ...garbage, strange]) await sendTo(packet, port, witness.port);
  for (const packet of [strange, ...garbage]) await sendTo(packet, port + 1, witness.port);
  for (const packet of PACKETS.slice(half)) await sendTo(packet, port, witness.port);
  const { code, summary } = await receive.ended;
  assert.deepEqual([code, summary?.ended, summary?.frames], [0, 'frames', FRAMES]);
});

test('packets of another payload type are told by their number, with the remedy', async () => {
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port));
  await using witness = await openUdpReceiver();
  for (const packet of PACKETS) {
    await sendTo(Buffer.from(packet).fill((packet[1]! & 0x80) | 96, 1, 2), port, witness.port);
  }
  const { code, summary, stderr } = await receive.stop();
  assert.deepEqual([code, summary?.frames, summary?.packets], [2, 0, 0]);
  assert.deepEqual(summary?.ignored_payload_types, { 96: PACKETS.length });
  const [warning, ...more] = stderr.split('\n').filter((line) => line.includes('rtp_other_payload_type'));
  assert.match(warning!, /--sdp/);
  assert.equal(more.length, 0);
});

test('a port that is taken is told, with the remedy', async () => {
  await using taken = await openUdpReceiver('::');
  const { code, stderr } = await cambox('receive', '--port', String(taken.port), '--seconds', '1');
  assert.equal(code, 75);
  assert.match(stderr, new RegExp(`Cannot listen on UDP port ${taken.port} as another program uses it.*ss -lunp`));
});

test('a port of RTCP that is taken is a warning only', async () => {
  const port = await freeRtpPort();
  await using _taken = await openUdpReceiver('::', port + 1);
  await using receive = await startReceive(port, '--port', String(port), '--frames', '1');
  await sendPackets(PACKETS, port);
  const { code, stderr } = await receive.ended;
  assert.equal(code, 0);
  assert.match(stderr, /rtcp_unavailable/);
});

test('what cannot be stored ends it with 2, and says why', async () => {
  const out = join(folder, 'gone');
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port), '--out', out);
  rmSync(out, { recursive: true });
  await sendPackets(PACKETS, port);
  const { code, summary, stderr } = await receive.ended;
  assert.equal(code, 2);
  assert.deepEqual([summary?.ended, summary?.stored], ['store_failed', 0]);
  assert.match(stderr, /Cannot write .*gone\/000001\.jpg as ENOENT/);
});

test('an ffmpeg that dies is told in its own words', async () => {
  const out = join(folder, 'full.mkv');
  const port = await freeRtpPort();
  const fake = join(folder, 'ffmpeg');
  const version = execFileSync('ffmpeg', ['-version'], { encoding: 'utf8', ...LIMITS });
  writeFileSync(
    fake,
    `#!/bin/sh\n[ "$1" = -version ] && cat <<'END' && exit\n${version}END\necho 'av_interleaved: No space left on device' >&2\nexit 1\n`,
    {
      mode: 0o755,
    },
  );
  await using receive = await startReceive(port, '--port', String(port), '--out', out, '--ffmpeg', fake);
  await sendPackets(PACKETS, port);
  const { code, stderr } = await receive.ended;
  assert.equal(code, 2);
  assert.match(stderr, /Cannot write .*full\.mkv as .*No space left on device/);
});

const exists = join(folder, 'exists.mp4');
writeFileSync(exists, '');
const used = join(folder, 'used');
mkdirSync(used);
writeFileSync(join(used, '000007.jpg'), '');
const notSdp = join(folder, 'not.sdp');
writeFileSync(notSdp, 'm=video\n');
const h264 = join(folder, 'h264.sdp');
writeFileSync(h264, 'v=0\r\nm=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n');
const srtp = (name: string, ...lines: string[]): string => {
  const path = join(folder, name);
  writeFileSync(path, ['v=0', 'm=video 5004 RTP/SAVP 26', ...lines, ''].join('\r\n'));
  return path;
};
const noKey = srtp('no-key.sdp');
const otherSuite = srtp('other-suite.sdp', 'a=crypto:1 AEAD_AES_128_GCM inline:x');
const toOne = srtp('one.sdp', 'c=IN IP4 127.0.0.1', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}`);
const toGroup = join(folder, 'group.sdp');
writeFileSync(toGroup, 'v=0\r\nc=IN IP4 239.1.2.3/4\r\nm=video 5004 RTP/AVP 26\r\n');
const badKey = join(folder, 'bad-key');
writeFileSync(badKey, 'secret');

const WRONG: readonly (readonly [args: readonly string[], code: string, message: RegExp])[] = [
  [[], 'usage', /--port N or --sdp FILE is missing/],
  [['--port', '5004', '--sdp', 'x'], 'usage', /exclude each other/],
  [['--port', '0'], 'usage', /--port must be a whole number from 1 to 65535: received 0/],
  [['--port', '5004', 'extra'], 'usage', /unexpected: extra/],
  [['--port', '5004', '--frames', '0'], 'usage', /--frames must be .* received 0/],
  [['--port', '5004', '--seconds', 'long'], 'usage', /--seconds must be a duration/],
  [['--port', '5004', '--idle', '501h'], 'usage', /--idle must be 500h or less: received 501h/],
  [['--port', '5004', '--encode'], 'usage', /--encode needs --out/],
  [['--port', '5004', '--encode', '--out', 'folder'], 'usage', /--encode needs --out/],
  [['--sdp', join(folder, 'missing.sdp')], 'bad_input', /missing\.sdp as ENOENT/],
  [['--sdp', notSdp], 'bad_input', /its first line is not v=0.*cambox stream --sdp FILE writes one/],
  [['--sdp', h264], 'bad_input', /no m=video line with JPEG/],
  [['--sdp', noKey], 'bad_input', /the key is not in it \(a=crypto\).*--srtp-key-file FILE/],
  [['--sdp', otherSuite], 'bad_input', /encrypted otherwise than with one key for AES_CM_128_HMAC_SHA1_80/],
  [['--port', '5004', '--srtp-key-file', badKey], 'bad_config', /30 bytes in base64.*openssl rand -base64 30/],
  [['--port', '5004', '--interface', 'lo'], 'usage', /--interface lo .* multicast group: --sdp FILE names one/],
  [['--sdp', toOne, '--interface', 'lo'], 'usage', /multicast group: .*one\.sdp names none/],
  [['--sdp', toGroup, '--interface', 'nope0'], 'bad_argument', /network interface.*none of that name.*nope0/],
  [['--port', '5004', '--out', exists], 'conflict', /the file exists already/],
  [['--port', '5004', '--out', used], 'conflict', /there are pictures already.*000007\.jpg/],
  [['--port', '5004', '--out', '/proc/x/y.mp4'], 'not_writable', /Cannot record into \/proc\/x/],
  [
    ['--port', '5004', '--out', join(folder, 'n.mp4'), '--ffmpeg', '/nowhere/ffmpeg'],
    'missing_program',
    /not installed/,
  ],
];
for (const [args, expected, message] of WRONG) {
  test(`cambox receive ${args.join(' ').replaceAll(folder, '')} is refused as ${expected}, and says what is wrong`, async () => {
    const io = { env: {}, signal: AbortSignal.abort(), logger: () => SILENT } as unknown as CliIo;
    await assert.rejects(RECEIVE.run(args, io), (thrown: unknown) => {
      assert.equal(thrown instanceof UsageError ? 'usage' : (thrown as CamboxError).code, expected);
      assert.match((thrown as Error).message, message);
      return true;
    });
  });
}
