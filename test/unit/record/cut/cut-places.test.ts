import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { betterPlace, placeOf } from '../../../../src/record/cut/cut-places.ts';
import { fitRange } from '../../../../src/record/cut/cut-ranges.ts';
import type { InputFacts, VideoFacts } from '../../../../src/record/cut/input-facts.ts';
import type { ShownPart } from '../../../../src/record/media/shown-part.ts';

const LENGTH_US = 180e6;

const factsOf = (video: Partial<VideoFacts> = {}, format = 'mov,mp4'): InputFacts => ({
  format,
  startUs: 0,
  audio: [],
  video: {
    ...{ index: 0, codec: 'h264', size: { width: 1280, height: 720 }, startUs: 0, durationUs: LENGTH_US },
    ...{ tickUs: 1e6 / 15360, frameUs: 1e6 / 30, ...video },
  },
});

const range = (startUs: number, durationUs?: number) => fitRange({ startUs, durationUs }, LENGTH_US);
const part = (parts: Partial<ShownPart> = {}): ShownPart => ({
  ...{ frames: 30, durationMs: 1000, longestGapMs: 33, hiddenFrames: 0, hiddenMs: 0, lateMs: 0, ...parts },
});

/** The tick that ffmpeg makes of a time. */
const tickOf = (us: number, tickUs: number): number => Math.round(us / tickUs);

test('[property] a place is on the tick that is nearest, in microseconds of which ffmpeg makes it again', () => {
  const timescales = fc.constantFrom(15360, 90_000, 30_000, 12_800, 24_000, 600);
  fc.assert(
    fc.property(timescales, fc.integer({ min: 0, max: 100 * 30 }), (timescale, frame) => {
      const tickUs = 1e6 / timescale;
      const tick = Math.round((frame / 30) * timescale);
      const asked = Math.round((tick / timescale) * 1e6);
      const { seekUs } = placeOf(range(asked, 1e6), factsOf({ tickUs }));
      assert.equal(tickOf(seekUs, tickUs), tick);
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('[property] neighbouring ranges meet: where one ends the next begins', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 50e6 }), fc.integer({ min: 50_000, max: 50e6 }), (startUs, lengthUs) => {
      for (const tickUs of [1e6 / 15360, 1e6 / 90_000, 1000]) {
        const facts = factsOf({ tickUs });
        const first = placeOf(range(startUs, lengthUs), facts);
        const second = placeOf(range(startUs + lengthUs, 1e6), facts);
        assert.equal(first.seekUs + first.durationUs!, second.seekUs);
      }
    }),
    { seed: 8, numRuns: 300 },
  );
});

test('a place counts from the first instant of the file, which may be before the first picture', () => {
  const facts = { ...factsOf({ startUs: 1_480_000, tickUs: 1e6 / 90_000 }, 'mpegts'), startUs: 1_400_000 };
  assert.equal(placeOf(range(0, 1e6), facts).seekUs, 80_000);
  assert.equal(placeOf(range(2e6, 1e6), facts).seekUs, 2_080_000);
});

test('a place is a tick early where times are rounded to milliseconds, and only there', () => {
  assert.equal(placeOf(range(10e6, 1e6), factsOf({ tickUs: 1000 }, 'matroska,webm')).seekUs, 9_999_000);
  const whole = factsOf({ tickUs: 1000, frameUs: 40_000 }, 'matroska,webm');
  assert.equal(placeOf(range(10e6, 1e6), whole).seekUs, 10e6);
  const frameTicks = factsOf({ tickUs: 1e6 / 30 }, 'avi');
  assert.equal(placeOf(range(10e6, 1e6), frameTicks).seekUs, 10e6);
});

test('a place to the end has no length, so that nothing is lost', () => {
  assert.equal(placeOf(range(170e6, 60e6), factsOf()).durationUs, undefined);
});

test('a clip that is as it should be is not made again', () => {
  const place = placeOf(range(10e6, 1e6), factsOf());
  assert.equal(
    betterPlace({ place, shown: part({ hiddenFrames: 9, hiddenMs: 300 }), before: undefined }, factsOf(), true),
    undefined,
  );
});

test('a copy that begins late and hides nothing was missed by the seek: it is made again from further back', () => {
  const facts = factsOf({}, 'avi');
  const place = placeOf(range(100e6, 1e6), facts);
  const again = betterPlace({ place, shown: part({ lateMs: 1500 }), before: undefined }, facts, true);
  assert.equal(again?.leadUs, 10e6);
  const further = betterPlace(
    { place: again!, shown: part({ lateMs: 900 }), before: part({ lateMs: 1500 }) },
    facts,
    true,
  );
  assert.equal(further?.leadUs, 60e6);
  const none = betterPlace(
    { place: further!, shown: part({ lateMs: 900 }), before: part({ lateMs: 900 }) },
    facts,
    true,
  );
  assert.equal(none, undefined, 'it does begin so late');
});

test('a copy that hides something has missed nothing, however late it begins', () => {
  const place = placeOf(range(100e6, 1e6), factsOf());
  const shown = part({ lateMs: 1500, hiddenFrames: 3, hiddenMs: 200 });
  assert.equal(betterPlace({ place, shown, before: undefined }, factsOf(), true), undefined);
});

test('a clip without a picture is tried up to the beginning of the file', () => {
  let place = placeOf(range(100e6, 1e6), factsOf());
  const leads: number[] = [];
  for (;;) {
    const better = betterPlace({ place, shown: undefined, before: undefined }, factsOf(), true);
    if (better === undefined) break;
    leads.push(better.leadUs);
    place = better;
  }
  assert.deepEqual(leads.slice(0, 2), [10e6, 60e6]);
  assert.ok(leads.at(-1)! >= place.seekUs && leads.length <= 4, String(leads));
});

test('a copy of MJPEG that hides a picture is made again from the first picture shown', () => {
  const facts = factsOf({ codec: 'mjpeg' });
  const place = placeOf(range(10_010_000, 1e6), facts);
  const shown = part({ lateMs: 23, hiddenFrames: 1, hiddenMs: 10 });
  const better = betterPlace({ place, shown, before: undefined }, facts, true);
  assert.deepEqual([better?.onKeyFrame, better?.seekUs], [true, place.seekUs + 23_001]);
  assert.equal(better!.seekUs + better!.durationUs!, place.seekUs + place.durationUs!);
  assert.equal(betterPlace({ place: better!, shown, before: shown }, facts, true), undefined, 'once');
});
