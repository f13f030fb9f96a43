import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rtpTicks } from '../../../src/base/units.ts';
import { readJpegMainHeader, writeJpegMainHeader } from '../../../src/rtp/jpeg-main-header.ts';
import { readJpegQuantHeader, writeJpegQuantSection } from '../../../src/rtp/jpeg-quant-header.ts';
import { readJpegRestartHeader, writeJpegRestartHeader } from '../../../src/rtp/jpeg-restart-header.ts';
import { readRtpHeader, writeRtpHeader } from '../../../src/rtp/rtp-header.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

function written(length: number, write: (view: DataView) => void): string {
  const bytes = new Uint8Array(length).fill(0xee);
  write(new DataView(bytes.buffer));
  return hex(bytes);
}

test('an RTP header has version 2, marker, payload type, sequence, time and SSRC in their places [RFC3550 §5.1]', () => {
  const header = written(12, (view) => writeRtpHeader(view, 0, 26, true, 0xabcd, rtpTicks(0x01020304), 0xdeadbeef));
  assert.equal(header, '809aabcd01020304deadbeef');
});

test('an RTP header of a packet that is not the last has no marker [RFC2435 §3.1]', () => {
  const header = written(12, (view) => writeRtpHeader(view, 0, 26, false, 0, rtpTicks(0), 0));
  assert.equal(header, '801a00000000000000000000');
});

test('a read RTP header leaves CSRCs, extension and padding out of the payload [RFC3550 §5.1]', () => {
  const packet = fromHex('b29a 0001 00000002 00000003 11111111 22222222 beef0001 33333333 aabb 000003');
  const header = readRtpHeader(packet);
  assert.ok(typeof header === 'object');
  assert.equal(hex(packet.subarray(header.payloadStart, header.payloadEnd)), 'aabb');
});

test('bytes that are no RTP packet are told by reason', () => {
  assert.equal(readRtpHeader(new Uint8Array(11)), 'too_short');
  assert.equal(readRtpHeader(fromHex('401a 0000 00000000 00000000')), 'bad_version');
  assert.equal(readRtpHeader(fromHex('901a 0000 00000000 00000000 beef ffff')), 'too_short');
  assert.equal(readRtpHeader(fromHex('a01a 0000 00000000 00000000 ff')), 'too_short');
});

test('a JPEG main header carries offset, type, Q and size in blocks of 8 [RFC2435 §3.1]', () => {
  const header = written(8, (view) => writeJpegMainHeader(view, 0, 0x123456, 65, 255, 240, 135));
  assert.equal(header, '0012345641fff087');
});

test('a JPEG main header that is cut off is not read', () => {
  assert.equal(readJpegMainHeader(new DataView(new ArrayBuffer(7)), 0), undefined);
});

test('a restart header says that fragments are not aligned: F = L = 1, count 0x3FFF [RFC2435 §3.1.7]', () => {
  const header = written(4, (view) => writeJpegRestartHeader(view, 0, 120));
  assert.equal(header, '0078ffff');
  const read = readJpegRestartHeader(new DataView(fromHex(header).buffer), 0);
  assert.deepEqual(read, { interval: 120, first: true, last: true, count: 0x3fff });
});

test('a quantisation header has MBZ 0, precision 0, length 128, then luma and chroma [RFC2435 §3.1.8]', () => {
  const picture = Uint8Array.from({ length: 200 }, (_, i) => i);
  const section = new Uint8Array(132);
  writeJpegQuantSection(section, 0, picture, 100, 10);
  assert.equal(hex(section.subarray(0, 4)), '00000080');
  assert.deepEqual(section.subarray(4, 68), picture.subarray(100, 164));
  assert.deepEqual(section.subarray(68), picture.subarray(10, 74));
});

test('a quantisation header whose tables are cut off is not read', () => {
  assert.deepEqual(readJpegQuantHeader(new DataView(fromHex('00000002aabb').buffer), 0), { precision: 0, length: 2 });
  assert.equal(readJpegQuantHeader(new DataView(fromHex('00000002aa').buffer), 0), undefined);
});
