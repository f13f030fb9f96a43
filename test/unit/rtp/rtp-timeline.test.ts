import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs, rtpTicks } from '../../../src/base/units.ts';
import { RtpTimeline } from '../../../src/rtp/rtp-timeline.ts';

const BEGIN_US = 1_000_000;

/** Times of frames, relative to the first one, in microseconds. */
function times(timeline: RtpTimeline, frames: readonly (readonly [ticks: number, arrivedMs: number])[]): number[] {
  return frames.map(([ticks, ms]) => timeline.at(rtpTicks(ticks), monoUs(BEGIN_US + ms * 1000)) - BEGIN_US);
}

const rounded = (values: readonly number[]): number[] => values.map(Math.round);

test('frames stand as far apart as their timestamps tell, however they arrive', () => {
  const at = times(new RtpTimeline(), [
    [90_000, 0],
    [93_000, 50],
    [96_000, 51],
    [186_000, 1100],
  ]);
  assert.deepEqual(rounded(at), [0, 33_333, 66_667, 1_066_667]);
});

test('times go on when the timestamps wrap at 2^32', () => {
  const at = times(new RtpTimeline(), [
    [2 ** 32 - 3000, 0],
    [0, 33],
    [3000, 66],
  ]);
  assert.deepEqual(rounded(at), [0, 33_333, 66_667]);
});

test('hundred thousand frames of 30 a second end where they should: no error adds up', () => {
  const timeline = new RtpTimeline();
  let last = 0;
  for (let i = 0; i <= 100_000; i++) [last] = times(timeline, [[i * 3000, i * 33.3333]]) as [number];
  assert.ok(Math.abs(last - (100_000 * 1e6) / 30) < 1);
});

test('a pause longer than half the cycle of the timestamps is as long as it was here', () => {
  const pauseMs = 8 * 3600 * 1000;
  const at = times(new RtpTimeline(), [
    [0, 0],
    [pauseMs * 90, pauseMs],
  ]);
  assert.equal(at[1], pauseMs * 1000);
});

test('timestamps that step back, stand still or jump are replaced by the time of arrival; times only grow', () => {
  const at = times(new RtpTimeline(), [
    [900_000, 0],
    [900_000, 40],
    [600_000, 80],
    [9_000_000, 120],
    [9_003_000, 160],
    [9_003_000, 160],
  ]);
  assert.deepEqual(rounded(at), [0, 40_000, 80_000, 120_000, 153_333, 153_345]);
});

test('another source begins at its arrival', () => {
  const timeline = new RtpTimeline();
  times(timeline, [[0, 0]]);
  timeline.changeClock();
  const at = times(timeline, [
    [90_000, 5000],
    [93_000, 5030],
  ]);
  assert.deepEqual(rounded(at), [5_000_000, 5_033_333]);
});
