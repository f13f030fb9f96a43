import assert from 'node:assert/strict';
import { type FragmentFault, readJpegFragment } from '../../../src/rtp/jpeg-fragment.ts';
import { readOnvifExtension } from '../../../src/rtp/onvif-jpeg-extension.ts';
import { type RtpFault, readRtpHeader } from '../../../src/rtp/rtp-header.ts';
import { unpackArrivals } from '../arrivals.ts';
import { mutateManyTimes } from '../mutate-bytes.ts';
import { mutatePacket } from '../mutate-packet.ts';
import { SessionMaker } from '../packet-session.ts';
import { Random } from '../random.ts';
import { seeFragment } from '../seen-fragment.ts';
import { ACCEPTED, type FuzzTarget, reasonsOf } from '../target.ts';

/** Sessions whose packets, some of them mutated already, are mutated once more. */
const SESSIONS = 64;
const HEADERS_BYTES = 28;

/** The readers of one packet's headers: what they find lies within it, and an independent reader finds the same. */
export const rtpPacketTarget: FuzzTarget = {
  name: 'rtp-packet',
  share: 1,
  reasons: reasonsOf<RtpFault | FragmentFault | 'bad_extension' | 'payload_type'>({
    too_short: true,
    bad_version: true,
    payload_type: true,
    headers_cut: true,
    type: true,
    interlaced: true,
    restart_interval: true,
    bad_extension: true,
  }),
  open({ pictures }) {
    const maker = new SessionMaker(pictures);
    const sessions = Array.from({ length: SESSIONS }, (_, i) => maker.next(new Random(0, 'rtp-packet', i)));
    const packets = sessions.flatMap(unpackArrivals).map(({ packet }) => packet);
    return {
      make(random) {
        const packet = random.pick(packets);
        if (packet.length < HEADERS_BYTES || random.oneIn(4)) return mutateManyTimes(packet, random);
        return mutatePacket(packet, random);
      },
      check: checkPacket,
    };
  },
};

function checkPacket(packet: Uint8Array): string {
  const header = readRtpHeader(packet);
  if (typeof header === 'string') return header;
  const { payloadStart, payloadEnd } = header;
  assert.ok(
    payloadStart >= 12 && payloadStart <= payloadEnd && payloadEnd <= packet.length,
    'the payload lies outside',
  );
  const extension = readOnvifExtension(packet);
  if (typeof extension === 'object') {
    assert.ok(extension.bytes.byteOffset + extension.bytes.length <= packet.byteOffset + payloadStart);
  }
  const fragment = readJpegFragment(packet, payloadStart, payloadEnd);
  if (header.payloadType !== 26) return 'payload_type';
  const seen = seeFragment(packet);
  if (typeof fragment === 'string') {
    assert.ok(fragment !== 'headers_cut' || seen === undefined, 'its headers are there');
    return fragment;
  }
  const { fragmentOffset: offset, q, restartInterval, scan, tables } = fragment;
  const size = { width: 8 * fragment.width8, height: 8 * fragment.height8 };
  const { sequence, timestamp, ssrc, marker } = header;
  const { hasExtension, ...wanted } = seen ?? assert.fail('it cannot be read');
  assert.deepEqual(
    {
      ssrc,
      sequence,
      timestamp,
      marker,
      offset,
      q,
      ...size,
      restartInterval,
      tables: plain(tables?.bytes),
      scan: plain(scan),
    },
    {
      ...wanted,
      tables: plain(wanted.tables),
      scan: plain(wanted.scan),
    },
  );
  return extension === 'bad_extension' ? extension : ACCEPTED;
}

const plain = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('latin1');
