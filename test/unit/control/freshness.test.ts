import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wallMs } from '../../../src/base/units.ts';
import { type Age, staleness } from '../../../src/control/freshness.ts';

const NOW = wallMs(1_700_000_000_000);
const judge = (age: Partial<Age>, acts = true): string | undefined =>
  staleness({ live: false, expiresInS: undefined, issuedAtMs: undefined, ttlMs: undefined, ...age }, acts, NOW)?.code;

test('request that only looks is always fresh enough without proof', () => assert.equal(judge({}, false), undefined));
test('request that acts is expired without proof', () => assert.equal(judge({}), 'expired'));
test('request that acts may have come over a live connection', () => assert.equal(judge({ live: true }), undefined));
test('request that acts may carry a message expiry', () => assert.equal(judge({ expiresInS: 3 }), undefined));
test('request may be a minute old by default', () => {
  assert.equal(judge({ issuedAtMs: NOW - 60_000 }), undefined);
  assert.equal(judge({ issuedAtMs: NOW - 60_001 }), 'expired');
});
test('request may be as old as its ttl_ms, also when the broker would still hold it', () => {
  assert.equal(judge({ issuedAtMs: NOW - 5000, ttlMs: 5000 }), undefined);
  assert.equal(judge({ issuedAtMs: NOW - 5001, ttlMs: 5000, expiresInS: 60 }), 'expired');
});
test('request from the future tells that a clock is wrong', () => {
  assert.equal(judge({ issuedAtMs: NOW + 60_000 }), undefined);
  assert.equal(judge({ issuedAtMs: NOW + 60_001 }), 'clock_unsynced');
});
test('request that only looks is refused, too, when it says that it is old', () => {
  assert.equal(judge({ issuedAtMs: NOW - 3_600_000 }, false), 'expired');
});
