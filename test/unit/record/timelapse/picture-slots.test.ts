import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CamboxError } from '../../../../src/base/errors.ts';
import { labelText, videoClock } from '../../../../src/record/timelapse/label-text.ts';
import { longestGapMs } from '../../../../src/record/timelapse/look-at-video.ts';
import { pictureList, pictureSlots, type TimedPicture } from '../../../../src/record/timelapse/picture-slots.ts';
import { naturalOrder } from '../../../../src/record/timelapse/read-pictures.ts';

const taken = (...seconds: readonly number[]): TimedPicture[] =>
  seconds.map((s, i) => ({ path: `/p/${i}.jpg`, takenMs: 1000 * s }));
const numbers = (slots: readonly TimedPicture[]): string => slots.map(({ path }) => path.slice(3, -4)).join(' ');

test('each picture has a slot when nothing else is asked for', () => {
  assert.equal(numbers(pictureSlots(taken(0, 1, 2), 'each', 30)), '0 1 2');
});

test('slots of a duration spread the pictures evenly', () => {
  assert.equal(numbers(pictureSlots(taken(0, 1, 2, 3, 4, 5), { durationS: 1 }, 3)), '0 2 4');
  assert.equal(numbers(pictureSlots(taken(0, 1), { durationS: 1 }, 5)), '0 0 0 1 1');
});

test('slots of a speed show the last picture taken by then', () => {
  assert.equal(numbers(pictureSlots(taken(0, 10, 20, 60), { speed: 10 }, 1)), '0 1 2 2 2 2 3');
  assert.equal(numbers(pictureSlots(taken(0, 1, 2, 3, 4), { speed: 2 }, 1)), '0 2 4');
});

test('slots survive a clock that went back', () => {
  assert.equal(numbers(pictureSlots(taken(0, 10, 5, 20), { speed: 10 }, 1)), '0 2 3');
  assert.equal(numbers(pictureSlots(taken(10, 0), { speed: 10 }, 1)), '1');
});

test('slots are bounded', () => {
  assert.throws(
    () => pictureSlots(taken(0, 1e9), { speed: 1 }, 30),
    (thrown) => thrown instanceof CamboxError && thrown.code === 'bad_argument',
  );
});

test('[property] a duration always has its frames, in the order of the pictures', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 200 }), (pictures, frames) => {
      const slots = pictureSlots(taken(...Array(pictures).keys()), { durationS: frames / 10 }, 10);
      assert.equal(slots.length, frames);
      assert.ok(slots.every((slot, i) => i === 0 || slot.takenMs >= slots[i - 1]!.takenMs));
    }),
    { seed: 9 },
  );
});

test('the list tells of each picture when it was taken, also of one that is shown again', () => {
  const [first, second] = [0, 10].map((s) => ({
    path: `/p/${s}.jpg`,
    takenMs: new Date(2026, 10, 20, 9, 5, s).getTime(),
  }));
  const list = pictureList([first!, first!, second!], true);
  const times = [...list.matchAll(/^file_packet_meta cambox_taken '(.*)'$/gm)].map(([, time]) => time);
  assert.deepEqual(times, ['2026-11-20 09:05:00', '2026-11-20 09:05:00', '2026-11-20 09:05:10']);
  assert.doesNotMatch(pictureList([first!], false), /file_packet_meta/);
});

test('names in a list are quoted, and no patterns', () => {
  const list = pictureList([{ path: "/it's a \\ day %d.jpg", takenMs: 0 }], false);
  assert.match(list, /^file '\/it'\\''s a \\ day %d\.jpg'\noption pattern_type none$/m);
});

test('names are sorted as people count', () => {
  assert.deepEqual(naturalOrder(['p10.jpg', 'p2.jpg', 'p1.jpg', 'a.jpg']), ['a.jpg', 'p1.jpg', 'p2.jpg', 'p10.jpg']);
});

test('a label keeps its text from being read as an order to drawtext', () => {
  assert.equal(labelText({ text: '50% \\ %{pts}', time: false }, ''), '50\\% \\\\ \\%{pts}');
});

test('a label with the time counts from the first picture of a video', () => {
  const text = labelText({ text: 'Front', time: true }, videoClock(1_700_000_000_999));
  assert.equal(text, 'Front  %{pts:localtime:1700000000:%Y-%m-%d %X}');
});

test('the longest gap between key frames is found', () => {
  assert.equal(longestGapMs('0.000000,K_\n0.033333,__\n1.000000,K_\n3.000000,K_\n'), 2000);
  assert.equal(longestGapMs('0.000000,K_\n0.033333,__\n'), Number.POSITIVE_INFINITY);
  assert.equal(longestGapMs(''), Number.POSITIVE_INFINITY);
});
