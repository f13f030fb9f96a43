import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wallMs } from '../../../../src/base/units.ts';
import { Demotions } from '../../../../src/record/encoders/demotions.ts';

const HD = { width: 1280, height: 720 };
const NOW = wallMs(1_700_000_000_000);

test('encoder is given up at its second failure, once', () => {
  const demotions = new Demotions();
  assert.equal(demotions.fail('h264_qsv', HD, 'first', NOW), undefined);
  assert.equal(demotions.reason('h264_qsv', HD), undefined);
  const demotion = { encoder: 'h264_qsv', size: '1280x720', reason: 'second', at: '2023-11-14T22:13:20.000Z' };
  assert.deepEqual(demotions.fail('h264_qsv', HD, 'second', NOW), demotion);
  assert.equal(demotions.fail('h264_qsv', HD, 'third', NOW), undefined);
  assert.deepEqual(demotions.list(), [demotion]);
  assert.equal(demotions.reason('h264_qsv', HD), 'given up at 2023-11-14T22:13:20.000Z: second');
});

test('failures of other encoders and at other sizes do not count', () => {
  const demotions = new Demotions();
  demotions.fail('h264_qsv', HD, 'no', NOW);
  assert.equal(demotions.fail('h264_qsv', { width: 640, height: 480 }, 'no', NOW), undefined);
  assert.equal(demotions.fail('libx264', HD, 'no', NOW), undefined);
});

test('demotions of ever other sizes do not grow without bound', () => {
  const demotions = new Demotions();
  for (let width = 1; width <= 500; width++) {
    for (let i = 0; i < 2; i++) demotions.fail('libx264', { width, height: 1 }, 'no', NOW);
  }
  assert.equal(demotions.list().length, 64);
  assert.equal(demotions.list().at(-1)?.size, '500x1');
});
