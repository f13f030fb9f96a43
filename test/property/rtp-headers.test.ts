import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rtpTicks } from '../../src/base/units.ts';
import { readJpegMainHeader, writeJpegMainHeader } from '../../src/rtp/jpeg-main-header.ts';
import { readJpegQuantHeader } from '../../src/rtp/jpeg-quant-header.ts';
import { readJpegRestartHeader, writeJpegRestartHeader } from '../../src/rtp/jpeg-restart-header.ts';
import { readRtpHeader, writeRtpHeader } from '../../src/rtp/rtp-header.ts';

const bits = (count: number): fc.Arbitrary<number> => fc.nat({ max: 2 ** count - 1 });
const at = fc.nat({ max: 40 });

test('an RTP header that was written reads the same, wherever it stands in a block', () => {
  const header = fc.record({
    marker: fc.boolean(),
    payloadType: bits(7),
    sequence: bits(16),
    timestamp: bits(32).map(rtpTicks),
    ssrc: bits(32),
  });
  fc.assert(
    fc.property(header, at, (expected, start) => {
      const block = new Uint8Array(start + 12);
      const { marker, payloadType, sequence, timestamp, ssrc } = expected;
      writeRtpHeader(new DataView(block.buffer), start, payloadType, marker, sequence, timestamp, ssrc);
      assert.deepEqual(readRtpHeader(block.subarray(start)), { ...expected, payloadStart: 12, payloadEnd: 12 });
    }),
  );
});

test('a JPEG main header that was written reads the same', () => {
  const header = fc.record({
    fragmentOffset: bits(24),
    type: bits(8),
    q: bits(8),
    width8: bits(8),
    height8: bits(8),
  });
  fc.assert(
    fc.property(header, at, (expected, start) => {
      const view = new DataView(new ArrayBuffer(start + 8));
      const { fragmentOffset, type, q, width8, height8 } = expected;
      writeJpegMainHeader(view, start, fragmentOffset, type, q, width8, height8);
      assert.deepEqual(readJpegMainHeader(view, start), { typeSpecific: 0, ...expected });
    }),
  );
});

test('a restart header that was written reads the same', () => {
  fc.assert(
    fc.property(bits(16), at, (interval, start) => {
      const view = new DataView(new ArrayBuffer(start + 4));
      writeJpegRestartHeader(view, start, interval);
      assert.deepEqual(readJpegRestartHeader(view, start), { interval, first: true, last: true, count: 0x3fff });
    }),
  );
});

test('no reader throws, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), at, (bytes, start) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const header = readRtpHeader(bytes);
      if (typeof header === 'object') assert.ok(header.payloadStart <= header.payloadEnd);
      readJpegMainHeader(view, start);
      readJpegRestartHeader(view, start);
      readJpegQuantHeader(view, start);
    }),
  );
});
