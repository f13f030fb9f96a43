import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutQueue } from '../../../../src/control/mqtt/out-queue.ts';

const message = (topic: string) => ({ topic, payload: '', retain: false });

test('queue drops and counts the oldest when it is full', () => {
  const queue = new OutQueue(2);
  const [a, b, c] = [message('a'), message('b'), message('c')];
  for (const each of [a, b, c]) queue.push(each);
  assert.deepEqual([queue.length, queue.dropped], [2, 1]);
  assert.deepEqual([queue.next(), queue.next(), queue.next()], [b, c, undefined]);
});

test('queue keeps a message until it is acknowledged, and sends the others again after rewind', () => {
  const queue = new OutQueue(5);
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
  const queue = new OutQueue(2);
  const [a, b, c] = [message('a'), message('b'), message('c')];
  queue.push(a);
  queue.push(b);
  queue.next();
  queue.push(c);
  queue.remove(a);
  assert.deepEqual([queue.next(), queue.next()], [b, c]);
});
