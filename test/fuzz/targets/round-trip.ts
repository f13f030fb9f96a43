import assert from 'node:assert/strict';
import { monoUs, rtpTicks } from '../../../src/base/units.ts';
import type { JpegLayout } from '../../../src/jpeg/layout.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { JpegDepayloader } from '../../../src/rtp/jpeg-depayloader.ts';
import { type RtpJpegForm, rtpJpegForm } from '../../../src/rtp/jpeg-form.ts';
import type { ReceivedPicture } from '../../../src/rtp/jpeg-frame-assembler.ts';
import { JpegPayloader, LEAST_PACKET_BYTES } from '../../../src/rtp/jpeg-payloader.ts';
import { packetsOf } from '../../support/rtp-packets.ts';
import { inputHash } from '../input-hash.ts';
import { pictureTarget } from '../picture-target.ts';
import { Random } from '../random.ts';
import { ACCEPTED } from '../target.ts';
import { FORM_REFUSALS } from './rtp-form.ts';

const NOW = monoUs(1_000_000);
const TABLE_BYTES = 64;

/** What the payloader takes comes out of the depayloader: the same entropy-coded bytes under the same tables. */
export const roundTripTarget = pictureTarget('round-trip', FORM_REFUSALS, (input, layout) => {
  const form = rtpJpegForm(layout, input);
  if (typeof form === 'string') return form;
  assertRoundTrip(input, layout, form);
  return ACCEPTED;
});

function assertRoundTrip(input: Uint8Array, layout: JpegLayout, form: RtpJpegForm): void {
  const random = new Random(inputHash(input));
  const payloader = new JpegPayloader({
    ssrc: random.u32(),
    firstSequence: random.pick([0, 1, 0xfff0, 0xffff, random.below(0x10000)]),
    packetBytes: random.pick([LEAST_PACKET_BYTES, random.between(LEAST_PACKET_BYTES, 600), 1472]),
  });
  const timestamp = rtpTicks(random.u32());
  const plan = payloader.packetize(form, input, timestamp);
  const packets = packetsOf(plan, input);
  for (const [i, { length }] of packets.entries()) {
    assert.ok(length <= payloader.packetBytes, 'a packet is too long');
    assert.ok(length === payloader.packetBytes || i === packets.length - 1, 'a packet before the last one is shorter');
  }
  let received = 0;
  const onPicture = (picture: ReceivedPicture): void => {
    received += 1;
    assert.equal(picture.timestamp, timestamp);
    assertSame(picture, input, layout, form);
  };
  const depayloader = new JpegDepayloader({ payloadType: 26, onPicture });
  for (const packet of packets) depayloader.push(packet, NOW);
  assert.equal(received, 1, `refused: ${JSON.stringify(depayloader.counts.refused)}`);
}

function assertSame({ bytes, layout: seen }: ReceivedPicture, input: Uint8Array, sent: JpegLayout, form: RtpJpegForm) {
  assert.deepEqual(walkJpeg(bytes), seen);
  assertEqualBytes(bytes.subarray(seen.scanStart, seen.scanEnd), input.subarray(sent.scanStart, sent.scanEnd), 'scan');
  const tablesAt = [form.lumaTableAt, form.chromaTableAt, form.chromaTableAt];
  for (const [i, at] of tablesAt.entries()) {
    const table = seen.quantTables[seen.components[i]!.tq]!;
    const seenTable = bytes.subarray(table.offset, table.offset + TABLE_BYTES);
    assertEqualBytes(seenTable, input.subarray(at, at + TABLE_BYTES), `table ${i}`);
  }
  const size = form.largeSize ?? { width: 8 * form.width8, height: 8 * form.height8 };
  assert.deepEqual([seen.width, seen.height], [size.width, size.height]);
  assert.deepEqual(samplingOf(seen), samplingOf(sent));
  assert.equal(seen.restartInterval, sent.restartInterval);
  assert.equal(seen.huffman, 'standard');
}

const samplingOf = ({ components }: JpegLayout): number[] => components.flatMap(({ h, v }) => [h, v]);

function assertEqualBytes(seen: Uint8Array, sent: Uint8Array, what: string): void {
  assert.ok(Buffer.compare(seen, sent) === 0, `the ${what} is another one: ${seen.length} bytes of ${sent.length}`);
}
