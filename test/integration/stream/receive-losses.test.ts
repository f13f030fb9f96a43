import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readFrameNumber } from '../../../src/capture/synthetic/frame-number-code.ts';
import { cambox } from '../../support/daemon-rig.ts';
import { decodeLuma, syntheticJpeg } from '../../support/jpegs.ts';
import { openLossyRelay, type RelayAction, randomLoss } from '../../support/lossy-relay.ts';
import { readNumberedVideo } from '../../support/numbered-video.ts';
import { startReceive } from '../../support/receive-process.ts';
import { scanOf } from '../../support/rtp-packets.ts';
import { freeRtpPort } from '../../support/rtp-receivers.ts';

const SIZE = { width: 640, height: 480 };
const FRAMES = 180;

const folder = mkdtempSync(join(tmpdir(), 'receive-losses-'));
after(() => rmSync(folder, { recursive: true }));

/** The frame numbers in the pictures of a folder, in order; every picture is decoded whole. */
function numbersIn(pictures: string): (number | undefined)[] {
  const jpegs = readdirSync(pictures)
    .sort()
    .map((name) => readFileSync(join(pictures, name)));
  const planes = decodeLuma(Buffer.concat(jpegs), SIZE.width, SIZE.height);
  assert.equal(planes.length, jpegs.length);
  return planes.map((luma) => readFrameNumber(luma, SIZE.width, SIZE.height));
}

/** Send through the relay, and receive into `out`; returns the summary, and of which frame each packet was. */
async function sendThrough(
  out: string,
  actionOn: (index: number) => RelayAction,
  { frames = FRAMES, secret = [] as readonly string[] } = {},
) {
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port), '--out', out, ...secret);
  await using relay = await openLossyRelay(port, actionOn);
  const target = `rtp://127.0.0.1:${relay.port}`;
  const source = `synthetic:${SIZE.width}x${SIZE.height}`;
  const options = ['--frames', String(frames), '--fps', '60', ...secret];
  const sent = await cambox('stream', source, '--to', target, ...options);
  assert.equal(sent.code, 0, sent.stderr);
  const { code, summary, stderr } = await receive.ended;
  assert.ok(summary !== undefined, stderr);
  const timestampOf = relay.packets.map((packet) => packet.readUInt32BE(4)); // in the clear also with SRTP
  const timestamps = [...new Set(timestampOf)]; // one for each frame, in the order they were sent
  const frameOf = timestampOf.map((timestamp) => timestamps.indexOf(timestamp));
  return { code, summary, frameOf, timestamps };
}

/** The same with single pictures as `out`, and the numbers in them. */
async function numbersThrough(name: string, actionOn: (index: number) => RelayAction) {
  const out = join(folder, name);
  return { ...(await sendThrough(out, actionOn)), numbers: numbersIn(out) };
}

const allBut = (missing: ReadonlySet<number>, frames = FRAMES): number[] =>
  Array.from({ length: frames }, (_, number) => number).filter((number) => !missing.has(number));

test('through a clean relay every frame arrives, in order, and a goodbye ends it with 0', async () => {
  const { code, summary, numbers, frameOf } = await numbersThrough('clean', () => 'pass');
  assert.deepEqual(numbers, allBut(new Set()));
  assert.deepEqual([summary.packets, summary.lost_packets, summary.lost_frames], [frameOf.length, 0, 0]);
  assert.deepEqual([code, summary.ended, summary.sender_packets], [0, 'goodbye', frameOf.length]);
});

test('exactly the frames that were hit are missing, none is spliced', async () => {
  // single packets all over the frames, and holes of 30 packets: more than a frame
  const isLost = (index: number): boolean => index % 97 === 50 || (index % 1000 >= 700 && index % 1000 < 730);
  const { code, summary, numbers, frameOf } = await numbersThrough('lossy', (i) => (isLost(i) ? 'drop' : 'pass'));
  const hit = new Set(frameOf.filter((_, i) => isLost(i)));
  assert.ok(hit.size > 30 && hit.size < FRAMES, `${hit.size} frames hit`);
  assert.deepEqual(numbers, allBut(hit));
  const lost = frameOf.filter((_, i) => isLost(i)).length;
  assert.deepEqual([summary.lost_packets, summary.lost_frames], [lost, hit.size]);
  assert.deepEqual([code, summary.refused], [1, {}]);
});

const KEY_FILE = join(folder, 'key');
writeFileSync(KEY_FILE, randomBytes(30).toString('base64'));

for (const [name, secret] of [
  ['a stream', []],
  ['an encrypted stream', ['--srtp-key-file', KEY_FILE]],
] as const) {
  test(`a video of ${name} that lost 1 % of its packets has exactly the other frames, whole and at their times`, async () => {
    const out = join(folder, `${name}.mp4`);
    const frames = 300;
    const actionOn = randomLoss(0.01, 1);
    const { code, summary, frameOf, timestamps } = await sendThrough(out, actionOn, { frames, secret });
    const lost = frameOf.filter((_, i) => actionOn(i) === 'drop');
    const hit = new Set(lost);
    assert.ok(hit.size > 30 && hit.size < lost.length, `${lost.length} packets of ${hit.size} frames`);
    assert.deepEqual([summary.lost_packets, summary.lost_frames, summary.refused], [lost.length, hit.size, {}]);
    assert.deepEqual([code, summary.stored], [1, frames - hit.size]);

    const arrived = allBut(hit, frames);
    const video = readNumberedVideo(out, SIZE.width, SIZE.height);
    assert.deepEqual(video.numbers, arrived);
    assert.equal(video.jpegs.length, arrived.length);
    for (const [i, number] of arrived.entries()) {
      const sent = syntheticJpeg(SIZE.width, SIZE.height, number);
      assert.equal(Buffer.compare(scanOf(video.jpegs[i]!), scanOf(sent)), 0, `frame ${number} is not what was sent`);
      const dueUs = ((timestamps[number]! - timestamps[arrived[0]!]!) >>> 0) / 0.09;
      assert.ok(Math.abs(video.timesUs[i]! - dueUs) < 12, `frame ${number} at ${video.timesUs[i]}, not ${dueUs} us`);
    }
  });
}

test('packets out of order and doubled cost no frame', async () => {
  const actionOn = (index: number): RelayAction => {
    if (index % 41 === 7) return 'double';
    // towards the end too few packets follow to let it go
    if (index % 53 === 9 && index < 20 * FRAMES) return { holdFor: 1 + (index % 40) };
    return 'pass';
  };
  const { code, summary, numbers, frameOf } = await numbersThrough('disorder', actionOn);
  assert.deepEqual(numbers, allBut(new Set()));
  const doubled = frameOf.filter((_, i) => actionOn(i) === 'double').length;
  assert.deepEqual([summary.duplicates, summary.lost_packets, summary.late_packets], [doubled, 0, 0]);
  assert.equal(summary.reordered, frameOf.filter((_, i) => typeof actionOn(i) === 'object').length);
  assert.equal(code, 0);
});
