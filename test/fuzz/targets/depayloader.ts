import assert from 'node:assert/strict';
import { type MonoUs, monoPlus, monoUs } from '../../../src/base/units.ts';
import { eoiAtEnd, walkJpeg } from '../../../src/jpeg/walk.ts';
import { JpegDepayloader } from '../../../src/rtp/jpeg-depayloader.ts';
import type { ReceivedPicture } from '../../../src/rtp/jpeg-frame-assembler.ts';
import type { PictureRefusal } from '../../../src/rtp/picture-refusal.ts';
import type { IgnoredPacket, ReceptionCounts } from '../../../src/rtp/reception-counts.ts';
import { RtpTimeline } from '../../../src/rtp/rtp-timeline.ts';
import { unpackArrivals } from '../arrivals.ts';
import { inputHash } from '../input-hash.ts';
import { assertLayout } from '../layout-invariants.ts';
import { SessionMaker } from '../packet-session.ts';
import { SentWhole } from '../sent-whole.ts';
import { ACCEPTED, type FuzzTarget, reasonsOf } from '../target.ts';

const REASONS = [
  'nothing',
  ...reasonsOf<PictureRefusal | IgnoredPacket>({
    headers_cut: true,
    type: true,
    interlaced: true,
    restart_interval: true,
    reserved_q: true,
    tables_missing: true,
    tables_unknown: true,
    table_16_bit: true,
    table_length: true,
    chroma_tables_differ: true,
    no_size: true,
    bad_extension: true,
    bad_offset: true,
    inconsistent: true,
    no_marker: true,
    scan_empty: true,
    too_large: true,
    too_short: true,
    bad_version: true,
    payload_type: true,
    other_ssrc: true,
    stray: true,
  }),
];

/** What a session description may tell: nothing, an exact size of what the packets round up, and that of large pictures. */
const SIZES = [undefined, undefined, { width: 33, height: 17 }, { width: 2056, height: 16 }];

/** Packets: lost, doubled, late, wrapped, changed, of several senders. No picture comes out that was not sent whole. */
export const depayloaderTarget: FuzzTarget = {
  name: 'depayloader',
  share: 0.3,
  reasons: REASONS,
  open({ pictures }) {
    const maker = new SessionMaker(pictures);
    return { make: (random) => maker.next(random), check: checkSession };
  },
};

function checkSession(input: Uint8Array): string {
  const hash = inputHash(input);
  const size = SIZES[(hash >>> 1) % SIZES.length];
  const sent = new SentWhole(size);
  const timeline = new RtpTimeline();
  let now = monoUs(5_000_000);
  let capturedAt = Number.NEGATIVE_INFINITY;
  let received = 0;
  const onPicture = (picture: ReceivedPicture): void => {
    received += 1;
    assertLayout(picture.layout, picture.bytes);
    assert.deepEqual(walkJpeg(picture.bytes, eoiAtEnd), picture.layout);
    assert.ok(sent.has(picture), 'a picture comes out that was not sent');
    const at = timeline.at(picture.timestamp, now);
    assert.ok(at > capturedAt, 'time does not go on');
    capturedAt = at;
  };
  const depayloader = new JpegDepayloader({ payloadType: 26, size, onPicture });
  const lend = lender(hash);
  let pushed = 0;
  for (const { packet, afterMs } of unpackArrivals(input)) {
    now = monoPlus(now, afterMs * 1000);
    if (afterMs > 0) depayloader.expire(now);
    sent.note(packet);
    pushed += 1;
    lend(packet, now, depayloader);
  }
  depayloader.flush();
  assert.ok(!depayloader.isWaiting, 'it waits after all is over');
  const { counts } = depayloader;
  assert.equal(counts.frames, received);
  assertCounts(counts, pushed);
  return received > 0
    ? ACCEPTED
    : (Object.keys({ ...counts.refused.toJSON(), ...counts.ignored.toJSON() })[0] ?? 'nothing');
}

/** Packets lie in memory that is used again for the next one, as a plain array or as a Buffer. */
function lender(hash: number): (packet: Uint8Array, now: MonoUs, to: JpegDepayloader) => void {
  const memory = (hash & 1) === 0 ? new Uint8Array(2048) : Buffer.alloc(2048);
  return (packet, now, to) => {
    const lent = packet.length > memory.length ? packet : memory.subarray(0, packet.length);
    if (lent !== packet) lent.set(packet);
    to.push(lent, now);
    if (lent !== packet) lent.fill(0xee);
  };
}

export function assertCounts(counts: ReceptionCounts, pushed: number): void {
  for (const [name, value] of Object.entries(counts)) {
    if (typeof value === 'number') assert.ok(value >= 0 && Number.isFinite(value), `${name} is ${value}`);
  }
  const accounted = counts.packets + counts.duplicates + counts.ignored.total;
  // One may be kept: far off the others, until the next one tells what to make of it.
  assert.ok(pushed === accounted || pushed === accounted + 1, `${pushed} packets came, ${accounted} are accounted for`);
}
