import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newIdentity } from '../../../src/stream/rtp-identity.ts';

const almostOne = (): number => 1 - 2 ** -40;

test('SSRC, sequence number and timestamp are drawn from their whole ranges [RFC3550 §5.1]', () => {
  const least = newIdentity(undefined, false, () => 0);
  assert.deepEqual(least, { ssrc: 0, firstSequence: 0, timestampOffset: 0 });
  const most = newIdentity(undefined, false, almostOne);
  assert.deepEqual(most, { ssrc: 0xffffffff, firstSequence: 0xffff, timestampOffset: 0xffffffff });
});

test('an SSRC that was asked for is taken', () => {
  assert.equal(newIdentity(42, false, almostOne).ssrc, 42);
});

test('with SRTP the first sequence number is in the lower half [RFC3711 §3.3.1]', () => {
  assert.equal(newIdentity(undefined, true, almostOne).firstSequence, 0x7fff);
});
