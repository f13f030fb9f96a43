import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeSubscription, readEvent } from '../../../src/v4l2/event.ts';
import { EVENT, EVENT_SUBSCRIPTION } from '../../../src/v4l2/struct-layouts.ts';

// What vivid and vicodec have is checked against them (test/vm/guest/v4l2/vivid-events.ts); these they lack.
const { at } = EVENT;
const VSYNC = 1;
const FRAME_SYNC = 4;
const MOTION = 6;

function event(type: number): Buffer {
  const bytes = Buffer.alloc(EVENT.size);
  bytes.writeUInt32LE(type, at.type);
  bytes.writeBigInt64LE(12n, at['timestamp.tv_sec']);
  bytes.writeBigInt64LE(345_678_999n, at['timestamp.tv_nsec']);
  return bytes;
}

test('readEvent reads the number of the picture that begins', () => {
  const bytes = event(FRAME_SYNC);
  bytes.writeUInt32LE(0xffffffff, at['u.frame_sync.frame_sequence']);
  assert.deepEqual(readEvent(bytes, 2), { type: 'frame_sync', at: 12_345_678, lost: 2, sequence: 0xffffffff });
});

test('readEvent reads a vertical sync', () => {
  assert.deepEqual(readEvent(event(VSYNC), 0), { type: 'vsync', at: 12_345_678, lost: 0 });
});

test('readEvent passes over an event that nobody can have asked for', () => {
  assert.equal(readEvent(event(MOTION), 0), undefined);
});

test('readEvent takes whatever a driver may write', () => {
  const events = fc.uint8Array({ minLength: EVENT.size, maxLength: EVENT.size });
  fc.assert(fc.property(events, (bytes) => void readEvent(Buffer.from(bytes), 0)));
});

for (const [request, words] of [
  [{ type: 'source_change', input: 3 }, [5, 3, 0]],
  [{ type: 'source_change' }, [5, 0, 0]],
  [{ type: 'eos' }, [2, 0, 0]],
  [{ type: 'frame_sync' }, [4, 0, 0]],
  [{ type: 'control', control: { id: 0x00980900 } }, [3, 0x00980900, 0]],
  [{ type: 'control', control: { id: 1 }, initial: true, own: true }, [3, 1, 3]],
] as const) {
  test(`A subscription to ${JSON.stringify(request)} is written as ${words.join(', ')}`, () => {
    const bytes = encodeSubscription(request);
    const { type, id, flags } = EVENT_SUBSCRIPTION.at;
    assert.deepEqual(
      [type, id, flags].map((offset) => bytes.readUInt32LE(offset)),
      words,
    );
  });
}
