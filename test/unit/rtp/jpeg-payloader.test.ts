import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rtpTicks } from '../../../src/base/units.ts';
import type { RtpJpegForm } from '../../../src/rtp/jpeg-form.ts';
import { JpegPayloader, LEAST_PACKET_BYTES } from '../../../src/rtp/jpeg-payloader.ts';
import { joinScan, packetsOf, type SeenPacket, seePacket } from '../../support/rtp-packets.ts';

const HEADER_BYTES = 12 + 8;
const TABLE_BYTES = 4 + 128;

/** A picture whose every byte tells its place; tables at 20 and 100, the scan from 200 on. */
const picture = (scanBytes: number): Uint8Array => Uint8Array.from({ length: 200 + scanBytes }, (_, i) => i * 7);

const formOf = (scanBytes: number, changes: Partial<RtpJpegForm> = {}): RtpJpegForm => ({
  type: 1,
  width8: 80,
  height8: 60,
  restartInterval: 0,
  lumaTableAt: 20,
  chromaTableAt: 100,
  scanStart: 200,
  scanEnd: 200 + scanBytes,
  ...changes,
});

const payloader = (packetBytes = 1472, firstSequence = 1000): JpegPayloader =>
  new JpegPayloader({ ssrc: 0xcafef00d, firstSequence, packetBytes });

function packetize(scanBytes: number, using = payloader(), changes: Partial<RtpJpegForm> = {}): SeenPacket[] {
  const bytes = picture(scanBytes);
  return packetsOf(using.packetize(formOf(scanBytes, changes), bytes, rtpTicks(90_000)), bytes).map(seePacket);
}

test('all packets of a frame carry one timestamp, the SSRC and payload type 26 [RFC2435 §3]', () => {
  for (const packet of packetize(10_000)) {
    assert.deepEqual([packet.timestamp, packet.ssrc, packet.payloadType], [90_000, 0xcafef00d, 26]);
  }
});

test('only the last packet of a frame has the marker [RFC2435 §3]', () => {
  const markers = packetize(10_000).map(({ marker }) => marker);
  assert.deepEqual(markers, [...Array(markers.length - 1).fill(false), true]);
});

test('fragment offsets count scan bytes only, without headers and tables [RFC2435 §3.1.2]', () => {
  const packets = packetize(10_000);
  assert.deepEqual(joinScan(packets), Buffer.from(picture(10_000).subarray(200)));
  assert.equal(packets[1]?.fragmentOffset, 1472 - HEADER_BYTES - TABLE_BYTES);
});

test('the tables stand in the first packet only: luma, then chroma [RFC2435 §3.1.8]', () => {
  const [first, ...others] = packetize(10_000);
  const bytes = picture(10_000);
  assert.deepEqual(first?.tables, Buffer.concat([bytes.subarray(20, 84), bytes.subarray(100, 164)]));
  assert.ok(others.every(({ tables }) => tables === undefined));
});

test('every packet carries type, Q = 255 and the size [RFC2435 §3.1]', () => {
  for (const { type, q, width, height } of packetize(10_000)) {
    assert.deepEqual([type, q, width, height], [1, 255, 640, 480]);
  }
});

test('with a restart interval every packet carries the restart header [RFC2435 §3.1.7]', () => {
  const packets = packetize(10_000, payloader(), { type: 65, restartInterval: 80 });
  assert.ok(packets.length > 1);
  for (const { restart } of packets) assert.equal(restart?.toString('hex'), '0050ffff');
  assert.deepEqual(joinScan(packets), Buffer.from(picture(10_000).subarray(200)));
});

test('all packets but the last have the same length, the first included', () => {
  const lengths = packetize(10_000).map(({ length }) => length);
  assert.deepEqual(new Set(lengths.slice(0, -1)), new Set([1472]));
  assert.ok(lengths.at(-1)! <= 1472);
});

test('a scan that fits the first packet is one packet', () => {
  assert.equal(packetize(1472 - HEADER_BYTES - TABLE_BYTES).length, 1);
  assert.equal(packetize(1472 - HEADER_BYTES - TABLE_BYTES + 1).length, 2);
});

test('the smallest packet size moves a scan on, byte by byte where need be', () => {
  const largest = { type: 65, restartInterval: 1, width8: 0, height8: 0, largeSize: { width: 4000, height: 3000 } };
  const packets = packetize(500, payloader(LEAST_PACKET_BYTES), largest);
  assert.equal(packets[0]?.scan.length, 1);
  assert.deepEqual(joinScan(packets), Buffer.from(picture(500).subarray(200)));
});

test('sequence numbers go on from frame to frame and wrap at 2^16 [RFC3550 §5.1]', () => {
  const using = payloader(1472, 0xfffe);
  const sequences = [...packetize(4000, using), ...packetize(4000, using)].map(({ sequence }) => sequence);
  assert.deepEqual(sequences, [0xfffe, 0xffff, 0, 1, 2, 3]);
  assert.equal(using.nextSequence, 4);
});

const LARGE = { width8: 0, height8: 0, largeSize: { width: 2592, height: 1944 } };

test('a large picture has its frame header in an extension of the first packet [ONVIF Streaming, JPEG over RTP]', () => {
  const [first, ...others] = packetize(10_000, payloader(), LARGE);
  assert.equal(
    first?.extension?.toString('hex'),
    'ffd80005 ff ffc0001108 0798 0a20 03 002200 011101 021101'.replaceAll(' ', ''),
  );
  assert.ok(others.every(({ extension }) => extension === undefined));
  assert.deepEqual([first.width, first.height, others[0]?.width, others[0]?.height], [0, 0, 0, 0]);
});

test('the frame header of a large picture says 4:2:2 where it is, with restart markers too', () => {
  for (const [type, sampling] of [
    [0, '002100'],
    [64, '002100'],
    [65, '002200'],
  ] as const) {
    const [first] = packetize(10_000, payloader(), { ...LARGE, type, restartInterval: type >> 6 });
    assert.equal(first?.extension?.toString('hex', 15, 18), sampling);
  }
});

test('a large picture arrives whole, in packets as long as any others', () => {
  const packets = packetize(10_000, payloader(), LARGE);
  assert.deepEqual(joinScan(packets), Buffer.from(picture(10_000).subarray(200)));
  assert.deepEqual(new Set(packets.slice(0, -1).map(({ length }) => length)), new Set([1472]));
});

test('octets are the RTP payload: without RTP header and extension [RFC3550 §6.4.1]', () => {
  for (const changes of [{}, LARGE]) {
    const using = payloader();
    const bytes = picture(10_000);
    const plan = using.packetize(formOf(10_000, changes), bytes, rtpTicks(0));
    const seen = packetsOf(plan, bytes).map(seePacket);
    const octets = seen.map(({ length, extension }) => length - 12 - (extension?.length ?? 0));
    assert.deepEqual([...plan.octets.subarray(0, plan.count)], octets);
  }
});

test('a plan that held a long frame describes a short one afterwards', () => {
  const using = payloader();
  packetize(100_000, using);
  assert.equal(packetize(100, using).length, 1);
});

test('a new packet size holds from the next frame on', () => {
  const using = payloader();
  using.packetBytes = 500;
  assert.equal(packetize(10_000, using)[1]?.length, 500);
});
