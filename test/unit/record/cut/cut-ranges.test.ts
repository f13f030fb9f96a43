import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CamboxError } from '../../../../src/base/errors.ts';
import { clipNames } from '../../../../src/record/cut/cut-names.ts';
import { everyRange, fitRange } from '../../../../src/record/cut/cut-ranges.ts';
import { rangesInWords } from '../../../../src/record/cut/cut-report.ts';

const S = 1e6;
const length = (lengthUs: number) => ({ lengthUs, frameUs: S / 30 });

test('ranges of one length cover all, the last one to the end', () => {
  assert.deepEqual(everyRange(4 * S, length(10 * S)), [
    { startUs: 0, durationUs: 4 * S },
    { startUs: 4 * S, durationUs: 4 * S },
    { startUs: 8 * S, durationUs: undefined },
  ]);
});

test('a rest that is no longer than sound outlasts pictures makes no clip of its own', () => {
  assert.equal(everyRange(5 * S, length(10.08 * S)).length, 2);
  assert.equal(everyRange(5 * S, length(10.2 * S)).length, 3);
  assert.equal(everyRange(60 * S, length(0.05 * S)).length, 1);
});

test('more clips than anybody wants are refused', () => {
  assert.throws(
    () => everyRange(S / 20, length(1000 * S)),
    (thrown) => thrown instanceof CamboxError && thrown.code === 'bad_argument',
  );
});

test('clips that are shorter than a picture are refused, and those of one picture are not', () => {
  assert.throws(
    () => everyRange(0.01 * S, length(8.6 * S)),
    /shown for 0\.033333 s, and clips cannot be shorter.*0\.01/,
  );
  assert.equal(everyRange(33_333, length(S)).length, 28);
});

test('a range inside the file is as asked for', () => {
  const asked = { startUs: 2 * S, durationUs: 3 * S };
  assert.deepEqual(fitRange(asked, 10 * S), { asked, startUs: 2 * S, durationUs: 3 * S, toEnd: false });
});

test('a range that reaches behind the end is shorter, and says so', () => {
  const asked = { startUs: 8 * S, durationUs: 3 * S };
  const { durationUs, toEnd, warning } = fitRange(asked, 10 * S);
  assert.deepEqual([durationUs, toEnd, warning], [2 * S, true, 'cut_short']);
});

test('a range to the very end is no warning', () => {
  for (const durationUs of [2 * S, 2.05 * S, undefined]) {
    const { toEnd, warning } = fitRange({ startUs: 8 * S, durationUs }, 10 * S);
    assert.deepEqual([toEnd, warning], [true, undefined]);
  }
});

test('a range that begins at or behind the end has nothing', () => {
  for (const startUs of [10 * S, 11 * S]) {
    const { durationUs, warning } = fitRange({ startUs, durationUs: S }, 10 * S);
    assert.deepEqual([durationUs, warning], [0, 'past_end']);
  }
});

test('names of clips sort, whatever the number of clips', () => {
  assert.deepEqual(clipNames('/a/lecture.mkv', 2), ['lecture-001.mp4', 'lecture-002.mp4']);
  assert.equal(clipNames('/a/b.c.mp4.partial', 1)[0], 'b.c-001.mp4');
  assert.equal(clipNames('/a/.hidden', 1)[0], '.hidden-001.mp4');
  const many = clipNames('x.ts', 1234);
  assert.deepEqual([many[0], many[1233]], ['x-0001.mp4', 'x-1234.mp4']);
  assert.deepEqual(many.toSorted(), many);
});

test('ranges are told in words', () => {
  const range = { startUs: 1_000_000, durationUs: 2_500_000 };
  assert.equal(rangesInWords([range]), '1 s to 3.5 s');
  assert.equal(rangesInWords([{ ...range, durationUs: undefined }]), '1 s to the end');
  assert.equal(rangesInWords([range, range]), '2 ranges');
  assert.equal(rangesInWords({ everyUs: 60e6 }), 'every 60 s');
});
