import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { FrameArena } from '../../../src/frame/frame-arena.ts';
import { openRtpStream, type RtpStream } from '../../../src/stream/rtp-stream.ts';
import { TARGET_DEFAULTS } from '../../../src/stream/rtp-target.ts';
import { cambox } from '../../support/daemon-rig.ts';
import { ffmpegJpegs, frameOf } from '../../support/jpegs.ts';
import { openLossyRelay } from '../../support/lossy-relay.ts';
import { splitJpegs } from '../../support/mjpeg-pictures.ts';
import { startReceive } from '../../support/receive-process.ts';
import { scanOf } from '../../support/rtp-packets.ts';
import { freeRtpPort } from '../../support/rtp-receivers.ts';

/** A peer that hangs fails the test. */
const LIMITS = { timeout: 60_000, killSignal: 'SIGKILL' } as const;
const run = (program: string, args: readonly string[]) => promisify(execFile)(program, args, LIMITS);

const PICTURES = 30;
const SIZE = '320x240';

const folder = mkdtempSync(join(tmpdir(), 'receive-srtp-'));
after(() => rmSync(folder, { recursive: true }));
const KEY = randomBytes(30);
const keyFile = (name: string, key: Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, key.toString('base64'));
  return path;
};
const KEY_FILE = keyFile('key', KEY);
const OTHER_KEY_FILE = keyFile('other-key', randomBytes(30));

const JPEGS = splitJpegs(ffmpegJpegs(PICTURES, SIZE, ['-huffman', 'default', '-q:v', '3', '-pix_fmt', 'yuvj420p']));
const FILE = join(folder, 'source.mjpeg');
writeFileSync(FILE, Buffer.concat(JPEGS));
const FOLDER = join(folder, 'source');
mkdirSync(FOLDER);
for (const [i, jpeg] of JPEGS.entries()) writeFileSync(join(FOLDER, `${String(i).padStart(2, '0')}.jpg`), jpeg);

/** The pictures in a folder have the scans of those sent, byte by byte, all of them. */
function assertAllArrived(out: string): void {
  const names = readdirSync(out).sort();
  assert.equal(names.length, PICTURES);
  for (const [i, name] of names.entries()) {
    const difference = Buffer.compare(scanOf(readFileSync(join(out, name))), scanOf(JPEGS[i]!));
    assert.equal(difference, 0, `picture ${i}`);
  }
}

const camboxSends = async (port: number, ...options: string[]): Promise<void> => {
  const target = ['--to', `rtp://127.0.0.1:${port}`, '--srtp-key-file', KEY_FILE];
  const { code, stderr } = await cambox('stream', FILE, ...target, ...options);
  assert.equal(code, 0, stderr);
};

const ffmpegSends = (port: number, ...options: string[]) => {
  const input = ['-v', 'error', '-re', '-f', 'mjpeg', '-framerate', '30', '-i', FILE, '-c', 'copy', ...options];
  const srtp = ['-srtp_out_suite', 'AES_CM_128_HMAC_SHA1_80', '-srtp_out_params', KEY.toString('base64')];
  return run('ffmpeg', [...input, '-f', 'rtp', '-rtpflags', 'send_bye', ...srtp, `srtp://127.0.0.1:${port}`]);
};

/** It says no goodbye. */
const gstreamerSends = (port: number) => {
  const caps = 'image/jpeg,width=320,height=240,framerate=30/1';
  const files = ['multifilesrc', `location=${FOLDER}/%02d.jpg`, `stop-index=${PICTURES - 1}`, `caps=${caps}`];
  const sink = ['udpsink', 'host=127.0.0.1', `port=${port}`];
  const encoder = ['srtpenc', `key=${KEY.toString('hex')}`];
  return run('gst-launch-1.0', ['-q', ...files, '!', 'rtpjpegpay', '!', ...encoder, '!', ...sink]);
};

const SENDERS: readonly (readonly [name: string, send: (port: number) => Promise<unknown>, ended: string])[] = [
  ['cambox', camboxSends, 'goodbye'],
  ['ffmpeg', ffmpegSends, 'goodbye'],
  ['GStreamer', gstreamerSends, 'frames'],
];
for (const [name, send, ended] of SENDERS) {
  test(`what ${name} encrypts is decrypted with the key from a file, byte by byte`, async () => {
    const port = await freeRtpPort();
    const out = join(folder, name);
    const source = ['--port', String(port), '--srtp-key-file', KEY_FILE, '--out', out];
    const limit = ended === 'frames' ? ['--frames', String(PICTURES)] : [];
    await using receive = await startReceive(port, ...source, ...limit);
    await send(port);
    const { code, summary, stderr } = await receive.ended;
    assert.deepEqual([code, summary?.ended, stderr], [0, ended, '']);
    assert.deepEqual([summary?.srtp_refused, summary?.srtcp_refused, summary?.lost_packets], [{}, {}, 0]);
    assertAllArrived(out);
  });
}

for (const [name, send, options] of [
  ['cambox', camboxSends, ['--sdp', join(folder, 'cambox.sdp')]],
  ['ffmpeg', ffmpegSends, ['-sdp_file', join(folder, 'ffmpeg.sdp')]],
] as const) {
  test(`what ${name} encrypts is decrypted with the key in its session description`, async () => {
    const port = await freeRtpPort();
    const out = join(folder, `${name}-sdp`);
    await send(port, ...options); // only for the description
    await using receive = await startReceive(port, '--sdp', options[1], '--out', out);
    await send(port);
    const { code, summary, stderr } = await receive.ended;
    assert.deepEqual([code, summary?.ended], [0, 'goodbye'], stderr);
    assertAllArrived(out);
  });
}

test('with another key nothing comes out: every packet is refused as not authentic, and the log says so', async () => {
  const port = await freeRtpPort();
  const source = ['--port', String(port), '--srtp-key-file', OTHER_KEY_FILE];
  await using receive = await startReceive(port, ...source, '--idle', '3');
  await camboxSends(port);
  const { code, summary, stderr } = await receive.ended;
  assert.deepEqual([code, summary?.ended, summary?.frames, summary?.packets], [2, 'idle', 0, 0]);
  assert.deepEqual(Object.keys(summary?.srtp_refused ?? {}), ['not_authentic']);
  assert.ok(Number(summary?.srtp_refused?.['not_authentic']) > PICTURES);
  assert.ok(Number(summary?.srtcp_refused?.['not_authentic']) > 0);
  assert.match(stderr, /srtp_refused/);
});

test('what comes in the clear, or doubled, is refused where a key is expected', async () => {
  const port = await freeRtpPort();
  const out = join(folder, 'doubled');
  await using receive = await startReceive(port, '--port', String(port), '--srtp-key-file', KEY_FILE, '--out', out);
  await using relay = await openLossyRelay(port, () => 'double');
  const clear = await cambox('stream', FILE, '--to', `rtp://127.0.0.1:${port}`);
  assert.equal(clear.code, 0);
  await camboxSends(relay.port);
  const { code, summary } = await receive.ended;
  assert.deepEqual([code, summary?.ended, summary?.duplicates], [0, 'goodbye', 0]);
  assert.equal(summary?.srtp_refused?.['replayed'], summary?.packets);
  assert.ok(Number(summary?.srtp_refused?.['not_authentic']) > PICTURES);
  assertAllArrived(out);
});

/** One frame, in time with the clock as a camera's are, and then a pause. */
async function send(stream: RtpStream, arena: FrameArena, sequence: number, pauseMs: number): Promise<void> {
  using frame = frameOf(arena, JPEGS[0]!, sequence, SYSTEM_CLOCK.now());
  stream.send(frame);
  await SYSTEM_CLOCK.sleep(pauseMs);
}

test('a receiver that comes after wraps of the sequence number decrypts the stream soon', async () => {
  const port = await freeRtpPort();
  await using relay = await openLossyRelay(port, () => 'pass'); // so that the sender never hears that nobody listens
  const arena = new FrameArena(1 << 20);
  const target = { ...TARGET_DEFAULTS, host: '127.0.0.1', port: relay.port, srtpKeyFile: KEY_FILE };
  const deps = { clock: SYSTEM_CLOCK, logger: SILENT, random: Math.random, cname: 'test' };
  await using stream = await openRtpStream({ ...target, mtu: 256, pacing: 0 }, deps);
  for (let i = 0; Number(stream.report()['srtp_rollovers']) < 2; i++) await send(stream, arena, i, 0);
  const { ssrc } = stream;
  await using receive = await startReceive(port, '--port', String(port), '--srtp-key-file', KEY_FILE, '--frames', '20');
  let isOver = false;
  void receive.ended.then(() => {
    isOver = true;
  });
  for (let i = 0; i < 400 && !isOver; i++) await send(stream, arena, i, 10);
  const { code, summary, stderr } = await receive.ended;
  assert.deepEqual([code, summary?.ended, summary?.ssrc], [0, 'frames', ssrc], stderr);
  assert.deepEqual(summary?.srtp_refused, {}, 'two rollovers are found with the first packet');
});
