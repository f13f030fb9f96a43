import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecoveryLadder, recoveryStages } from '../../../../src/app/recovery/ladder.ts';
import { type MonoUs, monoUs } from '../../../../src/base/units.ts';

const STAGES = recoveryStages(3000);
const at = (seconds: number): MonoUs => monoUs(seconds * 1e6);
const START = at(0);

/** What the next `count` faults lead to, without a picture in between. */
function climb(ladder: RecoveryLadder, count: number): string[] {
  return Array.from({ length: count }, () => {
    const step = ladder.next(START);
    return step.do === 'rest' ? `rest ${step.restMs / 1000} s` : `${step.do} ${step.attempt}/${step.attempts}`;
  });
}

const ONE_ROUND = [
  'restart_stream 1/2',
  'restart_stream 2/2',
  'reopen 1/3',
  'reopen 2/3',
  'reopen 3/3',
  'usb_reset 1/2',
  'usb_reset 2/2',
  'watchdog 1/1',
];

test('ladder climbs from the gentlest stage to the harshest, each with its tries, and then rests', () => {
  assert.deepEqual(climb(new RecoveryLadder(STAGES), 9), [...ONE_ROUND, 'rest 60 s']);
});

test('ladder begins anew after a rest, and rests longer each time, up to ten minutes', () => {
  const ladder = new RecoveryLadder(STAGES);
  const rests: string[] = [];
  for (let round = 0; round < 6; round++) {
    const steps = climb(ladder, 9);
    assert.deepEqual(steps.slice(0, 8), ONE_ROUND);
    rests.push(steps[8]!);
  }
  assert.deepEqual(rests, ['rest 60 s', 'rest 120 s', 'rest 240 s', 'rest 480 s', 'rest 600 s', 'rest 600 s']);
});

test('ladder is exhausted after its first round, until the camera has been well', () => {
  const ladder = new RecoveryLadder(STAGES);
  climb(ladder, 8);
  assert.equal(ladder.exhausted, false);
  climb(ladder, 3);
  assert.equal(ladder.exhausted, true);
  ladder.streams(at(100));
  ladder.next(at(160));
  assert.equal(ladder.exhausted, false);
});

test('ladder starts at the bottom when the camera has streamed for a minute', () => {
  const ladder = new RecoveryLadder(STAGES);
  climb(ladder, 4);
  ladder.streams(at(10));
  ladder.streams(at(69)); // every picture
  assert.deepEqual(ladder.next(at(70)), { do: 'restart_stream', attempt: 1, attempts: 2, budgetMs: 8000 });
});

test('ladder climbs on when the camera has streamed for less than a minute', () => {
  const ladder = new RecoveryLadder(STAGES);
  climb(ladder, 2);
  ladder.streams(at(10));
  assert.equal(ladder.next(at(69.9)).do, 'reopen');
  // and the time before does not count towards the next minute
  ladder.streams(at(100));
  assert.deepEqual(ladder.next(at(130)), { do: 'reopen', attempt: 2, attempts: 3, budgetMs: 18_000 });
});

test('ladder leaves a stage out that cannot be taken', () => {
  const ladder = new RecoveryLadder(STAGES);
  assert.equal(ladder.next(START).do, 'restart_stream');
  ladder.skip();
  assert.deepEqual(climb(ladder, 1), ['reopen 1/3']);
});

test('ladder rests at once when no stage can be taken', () => {
  const ladder = new RecoveryLadder(STAGES);
  for (let i = 0; i < STAGES.length; i++) {
    assert.notEqual(ladder.next(START).do, 'rest');
    ladder.skip();
  }
  assert.equal(ladder.next(START).do, 'rest');
});

test('ladder starts at the bottom after a reset', () => {
  const ladder = new RecoveryLadder(STAGES);
  climb(ladder, 9);
  ladder.reset();
  assert.equal(ladder.exhausted, false);
  assert.deepEqual(climb(ladder, 9), [...ONE_ROUND, 'rest 60 s']);
});
