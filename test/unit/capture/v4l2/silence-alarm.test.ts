import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SilenceAlarm } from '../../../../src/capture/v4l2/silence-alarm.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

function setUp(lastChance: (alarm: SilenceAlarm) => void = () => undefined) {
  const clock = new FakeClock();
  const rings: number[] = [];
  const alarm: SilenceAlarm = new SilenceAlarm(3000, clock, {
    lastChance: () => lastChance(alarm),
    ring: (silentMs) => rings.push(silentMs),
  });
  return { clock, rings, alarm };
}

test('SilenceAlarm rings once when nothing is heard for the limit', async () => {
  const { clock, rings } = setUp();
  await clock.advance(2999);
  assert.deepEqual(rings, []);
  await clock.advance(10_000);
  assert.deepEqual(rings, [3000]);
});

test('SilenceAlarm counts from what was heard last', async () => {
  const { clock, rings, alarm } = setUp();
  await clock.advance(2000);
  alarm.heard();
  await clock.advance(2999);
  assert.deepEqual(rings, []);
  await clock.advance(1);
  assert.deepEqual(rings, [3000]);
});

test('SilenceAlarm keeps one timer, however much is heard', async () => {
  const { clock, alarm } = setUp();
  for (let i = 0; i < 300; i++) {
    await clock.advance(33);
    alarm.heard();
    assert.equal(clock.pendingTimers, 1);
  }
});

test('SilenceAlarm does not ring when the last chance brings something to hear', async () => {
  let chances = 0;
  const { clock, rings } = setUp((alarm) => {
    chances += 1;
    if (chances === 1) alarm.heard();
  });
  await clock.advance(5999);
  assert.deepEqual(rings, []);
  await clock.advance(1);
  assert.deepEqual([chances, rings], [2, [3000]]);
});

test('SilenceAlarm is silent after it was disposed of', async () => {
  const { clock, rings, alarm } = setUp();
  alarm[Symbol.dispose]();
  await clock.advance(10_000);
  assert.deepEqual([rings, clock.pendingTimers], [[], 0]);
});

test('SilenceAlarm leaves no timer when its last chance disposes of it', async () => {
  const { clock, rings } = setUp((alarm) => alarm[Symbol.dispose]());
  await clock.advance(10_000);
  assert.deepEqual([rings, clock.pendingTimers], [[], 0]);
});
