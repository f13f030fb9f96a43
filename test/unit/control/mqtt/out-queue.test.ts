import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monoUs } from '../../../../src/base/units.ts';
import { OutQueue, type Queued } from '../../../../src/control/mqtt/out-queue.ts';

const message = (topic: string, payload = ''): Queued => ({
  ...{ kind: 'event', isFinal: true, sinceMs: 0, at: monoUs(0) },
  message: { topic, payload, retain: false },
});
const queueOf = (messages: number): OutQueue => new OutQueue({ messages, bytes: 1000 });

test('queue drops and counts the oldest when it is full', () => {
  const queue = queueOf(2);
  const [a, b, c] = [message('a'), message('b'), message('c')];
  for (const each of [a, b, c]) queue.push(each);
  assert.deepEqual([queue.length, queue.dropped], [2, 1]);
  assert.deepEqual([queue.next(), queue.next(), queue.next()], [b, c, undefined]);
});

test('queue drops and counts the oldest when it holds too many bytes', () => {
  const queue = queueOf(10);
  const [a, b, c] = ['a', 'b', 'c'].map((topic) => message(topic, 'x'.repeat(400)));
  for (const each of [a!, b!, c!]) queue.push(each);
  assert.deepEqual([queue.length, queue.dropped, queue.bytes], [2, 1, 800]);
  queue.remove(b!);
  assert.equal(queue.bytes, 400);
});

test('queue keeps a message until it is acknowledged, and sends the others again after rewind', () => {
  const queue = queueOf(5);
  const [a, b, c] = [message('a'), message('b'), message('c')];
  for (const each of [a, b, c]) queue.push(each);
  queue.next();
  queue.next();
  queue.remove(b);
  assert.equal(queue.next(), c);
  queue.rewind();
  assert.deepEqual([queue.next(), queue.next(), queue.next()], [a, c, undefined]);
});

test('queue goes on with the next message when a sent one is dropped or acknowledged late', () => {
  const queue = queueOf(2);
  const [a, b, c] = [message('a'), message('b'), message('c')];
  queue.push(a);
  queue.push(b);
  queue.next();
  queue.push(c);
  queue.remove(a);
  assert.deepEqual([queue.next(), queue.next()], [b, c]);
});

test('queue tells which had been sent when all of it is taken elsewhere', () => {
  const queue = queueOf(5);
  const [a, b] = [message('a'), message('b')];
  for (const each of [a, b]) queue.push(each);
  queue.next();
  assert.deepEqual(queue.takeAll(), [a]);
  assert.deepEqual([queue.length, queue.bytes, queue.next()], [0, 0, undefined]);
});
