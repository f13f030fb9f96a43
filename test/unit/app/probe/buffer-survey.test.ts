import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferSurvey } from '../../../../src/app/probe/buffer-survey.ts';
import { monoUs } from '../../../../src/base/units.ts';
import { tappedStream } from '../../../../src/capture/v4l2/tapped-stream.ts';
import type { CapturedBuffer } from '../../../../src/v4l2/captured-buffer.ts';
import { syntheticJpeg } from '../../../support/jpegs.ts';

const PICTURE = syntheticJpeg();

const bufferOf = (bytes: Uint8Array, changes: Partial<CapturedBuffer> = {}): CapturedBuffer => ({
  index: 0,
  bytes,
  planes: [bytes],
  damaged: false,
  sequence: 0,
  capturedAt: monoUs(1),
  timedAt: 'start_of_exposure',
  timestampUs: 1,
  keyFrame: false,
  last: false,
  ...changes,
});

test('a buffer survey counts what stands after the end of a picture', () => {
  const survey = new BufferSurvey();
  survey.tap(bufferOf(PICTURE));
  survey.tap(bufferOf(new Uint8Array([...PICTURE, 0, 0, 0])));
  survey.tap(bufferOf(new Uint8Array([...PICTURE, 0])));
  const { count, padded, most_padding_bytes } = survey.figures();
  assert.deepEqual([count, padded, most_padding_bytes], [3, 2, 3]);
});

test('a buffer survey tells the clock and the moment of timestamps, not by damaged buffers', () => {
  const survey = new BufferSurvey();
  survey.tap(bufferOf(PICTURE));
  survey.tap(bufferOf(new Uint8Array(), { damaged: true, capturedAt: undefined, timedAt: 'end_of_frame' }));
  const { timestamp_clock, timestamp_of } = survey.figures();
  assert.deepEqual([timestamp_clock, timestamp_of], ['monotonic', 'start_of_exposure']);
});

test('a tap sees every buffer that comes out of a stream, and nothing else', () => {
  const outcomes = [bufferOf(PICTURE), 'empty' as const, { errno: 5 }];
  const stream = {
    bufferCount: 4,
    start: async () => undefined,
    stop: async () => undefined,
    dequeue: () => outcomes.shift()!,
    requeue: () => 0,
    watch: () => ({ [Symbol.dispose]: () => undefined }),
    explain: () => assert.fail('not asked'),
  };
  const seen: CapturedBuffer[] = [];
  const tapped = tappedStream(stream, (buffer) => seen.push(buffer));
  const [first] = outcomes;
  assert.deepEqual([tapped.dequeue(), tapped.dequeue(), tapped.dequeue()], [first, 'empty', { errno: 5 }]);
  assert.deepEqual(seen, [first]);
});
