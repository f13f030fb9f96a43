import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChildExit } from '../../../../src/record/child/child.ts';
import { judgeOutput, judgeRun } from '../../../../src/record/encoders/judge-probe.ts';
import { SMALL_BYTES } from '../../../../src/record/encoders/likeness.ts';
import { probeTimesUs } from '../../../../src/record/encoders/probe-stream.ts';

const EXIT: ChildExit = { code: 0, signal: null, rung: 'none', stderr: '', memory: undefined };
const scene = Uint8Array.from({ length: SMALL_BYTES }, (_, i) => (i % 480 < 200 ? 40 : 210));
const timesUs = [0, 33_333, 61_000];
const small = Buffer.concat([scene, scene, scene]);

test('probe that went well says how like the pictures are', () => {
  assert.equal(judgeRun({ exit: EXIT, overdueMs: undefined }), undefined);
  const late = timesUs.map((time) => time + 9);
  assert.deepEqual(judgeOutput({ timesUs, small }, { timesUs: late, small }), {
    works: true,
    likenessDb: 99,
    lasting: true,
  });
});

test('probe of pictures that show nothing may be repeated at the next start', () => {
  const dark = { timesUs, small: new Uint8Array(small.length) };
  assert.deepEqual(judgeOutput(dark, dark), { works: true, likenessDb: 99, lasting: false });
});

for (const [what, output, reason] of [
  ['a picture is missing', { timesUs: timesUs.slice(1), small }, '2 of 3 pictures are in its file'],
  ['the file cannot be read', { timesUs: [], small: new Uint8Array() }, '0 of 3 pictures are in its file'],
  ['a time is off', { timesUs: [0, 33_344, 61_000], small }, 'its pictures are up to 0.011 ms off their capture time'],
  [
    'a time is none',
    { timesUs: [0, Number.NaN, 61_000], small },
    'its pictures are up to NaN ms off their capture time',
  ],
  ['not all can be decoded', { timesUs, small: small.subarray(SMALL_BYTES) }, '2 of 3 pictures can be decoded'],
  [
    'a picture is black',
    { timesUs, small: Buffer.concat([scene, scene, new Uint8Array(SMALL_BYTES)]) },
    'its pictures are not those of the camera (3.9 dB alike, 24 needed)',
  ],
] as const) {
  test(`probe fails for good when ${what}`, () => {
    assert.deepEqual(judgeOutput({ timesUs, small }, output), { works: false, reason, lasting: true });
  });
}

for (const [what, run, verdict] of [
  [
    'ffmpeg says why it cannot',
    { exit: { ...EXIT, code: 1, stderr: "Unknown encoder 'h264_nvmpi'" }, overdueMs: undefined },
    { reason: "Unknown encoder 'h264_nvmpi'", lasting: true },
  ],
  [
    'ffmpeg says nothing',
    { exit: { ...EXIT, code: 3 }, overdueMs: undefined },
    { reason: 'its ffmpeg ended with 3', lasting: true },
  ],
  [
    'it takes too long',
    { exit: { ...EXIT, code: null, signal: 'SIGKILL' }, overdueMs: 8000 },
    { reason: 'it did not finish within 8 s', lasting: false },
  ],
  [
    'it is killed',
    { exit: { ...EXIT, code: null, signal: 'SIGSEGV', stderr: 'oops' }, overdueMs: undefined },
    { reason: 'its ffmpeg was killed by SIGSEGV: oops', lasting: false },
  ],
] as const) {
  test(`probe fails when ${what}`, () => {
    assert.deepEqual(judgeRun(run), { works: false, ...verdict });
  });
}

test('probe fails when its ffmpeg was killed over its memory cap', () => {
  const memory = { by: 'rss_poll', capBytes: 80, peakBytes: 90, heldBytes: 90, cpuMs: 1, killed: 'over_cap' } as const;
  const verdict = judgeRun({ exit: { ...EXIT, code: null, signal: 'SIGKILL', memory }, overdueMs: undefined });
  assert.deepEqual(verdict, { works: false, reason: 'it wants more memory than its cap', lasting: false });
});

test('times of a probe are irregular, in order, and as many a second as the camera sends', () => {
  const times = probeTimesUs(13, 30);
  const steps = times.slice(1).map((time, i) => time - times[i]!);
  assert.ok(steps.every((step) => step > 0));
  assert.ok(new Set(steps).size > 4);
  assert.ok(Math.abs(times.at(-1)! / 12 - 1e6 / 30) < 2);
});
