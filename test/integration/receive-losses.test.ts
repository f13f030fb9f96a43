import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readFrameNumber } from '../../src/capture/synthetic/frame-number-code.ts';
import { cambox } from '../support/daemon-rig.ts';
import { decodeLuma } from '../support/jpegs.ts';
import { openLossyRelay, type RelayAction } from '../support/lossy-relay.ts';
import { startReceive } from '../support/receive-process.ts';
import { seePacket } from '../support/rtp-packets.ts';
import { freeRtpPort } from '../support/rtp-receivers.ts';

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

/** Send through the relay; returns what was received, and of which frame each packet was. */
async function sendThrough(name: string, actionOn: (index: number) => RelayAction) {
  const out = join(folder, name);
  const port = await freeRtpPort();
  await using receive = await startReceive(port, '--port', String(port), '--out', out);
  await using relay = await openLossyRelay(port, actionOn);
  const target = `rtp://127.0.0.1:${relay.port}`;
  const source = `synthetic:${SIZE.width}x${SIZE.height}`;
  const sent = await cambox('stream', source, '--to', target, '--frames', String(FRAMES), '--fps', '60', '--json');
  assert.equal(sent.code, 0, sent.stderr);
  const { code, summary, stderr } = await receive.ended;
  assert.ok(summary !== undefined, stderr);
  let frame = -1;
  let timestamp: number | undefined;
  const frameOf = relay.packets.map((packet) => {
    const seen = seePacket(packet);
    if (seen.timestamp !== timestamp) frame += 1;
    timestamp = seen.timestamp;
    return frame;
  });
  return { code, summary, numbers: numbersIn(out), frameOf };
}

const allBut = (missing: ReadonlySet<number>): number[] =>
  Array.from({ length: FRAMES }, (_, number) => number).filter((number) => !missing.has(number));

test('through a clean relay every frame arrives, in order, and a goodbye ends it with 0', async () => {
  const { code, summary, numbers, frameOf } = await sendThrough('clean', () => 'pass');
  assert.deepEqual(numbers, allBut(new Set()));
  assert.deepEqual([summary.packets, summary.lost_packets, summary.lost_frames], [frameOf.length, 0, 0]);
  assert.deepEqual([code, summary.ended, summary.sender_packets], [0, 'goodbye', frameOf.length]);
});

test('exactly the frames that were hit are missing, none is spliced', async () => {
  // single packets all over the frames, and holes of 30 packets: more than a frame
  const isLost = (index: number): boolean => index % 97 === 50 || (index % 1000 >= 700 && index % 1000 < 730);
  const { code, summary, numbers, frameOf } = await sendThrough('lossy', (i) => (isLost(i) ? 'drop' : 'pass'));
  const hit = new Set(frameOf.filter((_, i) => isLost(i)));
  assert.ok(hit.size > 30 && hit.size < FRAMES, `${hit.size} frames hit`);
  assert.deepEqual(numbers, allBut(hit));
  const lost = frameOf.filter((_, i) => isLost(i)).length;
  assert.deepEqual([summary.lost_packets, summary.lost_frames], [lost, hit.size]);
  assert.deepEqual([code, summary.refused], [1, {}]);
});

test('packets out of order and doubled cost no frame', async () => {
  const actionOn = (index: number): RelayAction => {
    if (index % 41 === 7) return 'double';
    // towards the end too few packets follow to let it go
    if (index % 53 === 9 && index < 20 * FRAMES) return { holdFor: 1 + (index % 40) };
    return 'pass';
  };
  const { code, summary, numbers, frameOf } = await sendThrough('disorder', actionOn);
  assert.deepEqual(numbers, allBut(new Set()));
  const doubled = frameOf.filter((_, i) => actionOn(i) === 'double').length;
  assert.deepEqual([summary.duplicates, summary.lost_packets, summary.late_packets], [doubled, 0, 0]);
  assert.equal(summary.reordered, frameOf.filter((_, i) => typeof actionOn(i) === 'object').length);
  assert.equal(code, 0);
});
