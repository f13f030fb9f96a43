import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { type RtpFault, rtpPayloadStart } from '../../../src/rtp/rtp-header.ts';
import { deriveSessionKeys, SRTP_TAG_BYTES } from '../../../src/stream/srtp/session-keys.ts';
import type { SrtpRefusal } from '../../../src/stream/srtp/srtp-refusal.ts';
import { SrtpUnprotector } from '../../../src/stream/srtp/srtp-unprotector.ts';
import { packArrivals, unpackArrivals } from '../arrivals.ts';
import { joined, mutateBytes } from '../mutate-bytes.ts';
import { SessionMaker } from '../packet-session.ts';
import type { Random } from '../random.ts';
import { ACCEPTED, type FuzzTarget, reasonsOf } from '../target.ts';

const MASTER = { key: new Uint8Array(16).fill(1), salt: new Uint8Array(14).fill(2) };
const KEYS = deriveSessionKeys(MASTER, 'srtp');
/** A sender that has just wrapped, and one that has run for hours. */
const ROLLOVERS = [0, 0, 1, 30];

/** SRTP: what is opened was protected with the key, comes out as it was, and once. */
export const srtpTarget: FuzzTarget = {
  name: 'srtp',
  share: 0.05,
  reasons: reasonsOf<SrtpRefusal | RtpFault | 'nothing'>({
    nothing: true,
    too_short: true,
    bad_version: true,
    too_long: true,
    not_authentic: true,
    replayed: true,
    too_old: true,
  }),
  open({ pictures }) {
    const maker = new SessionMaker(pictures);
    return { make: (random) => protectedSession(maker.next(random), random), check: checkSession };
  },
};

function protectedSession(session: Uint8Array, random: Random): Uint8Array {
  const rollovers = random.pick(ROLLOVERS);
  const mutateOneIn = random.pick([0, 3, 30]);
  const arrivals = unpackArrivals(session).map(({ packet, afterMs }) => {
    const payloadAt = rtpPayloadStart(packet);
    const sent = typeof payloadAt === 'string' ? packet : protect(packet, payloadAt, rollovers);
    return { packet: mutateOneIn > 0 && random.oneIn(mutateOneIn) ? mutateBytes(sent, random) : sent, afterMs };
  });
  return packArrivals(arrivals);
}

function checkSession(input: Uint8Array): string {
  const unprotector = new SrtpUnprotector(MASTER);
  const opened = new Set<string>();
  let refusal: string = 'nothing';
  for (const { packet } of unpackArrivals(input)) {
    const plain = unprotector.unprotect(packet);
    if (typeof plain === 'string') {
      refusal = plain;
      continue;
    }
    const rollovers = ROLLOVERS.find((count) => isSame(protect(plain, plainPayload(plain), count), packet));
    assert.ok(rollovers !== undefined, 'what is opened was never protected');
    const index = `${rollovers} ${Buffer.from(plain.subarray(2, 12)).toString('hex')}`;
    assert.ok(!opened.has(index), 'a packet is opened twice');
    opened.add(index);
  }
  return opened.size > 0 ? ACCEPTED : refusal;
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

const plainPayload = (packet: Uint8Array): number => {
  const at = rtpPayloadStart(packet);
  return typeof at === 'number' ? at : assert.fail('what is opened is no RTP');
};

/** RFC 3711 §4.1.1 and §4.2, packet by packet and without the code that is under fuzz. */
function protect(packet: Uint8Array, payloadAt: number, rollovers: number): Uint8Array {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const counter = new Uint8Array(16);
  counter.set(KEYS.salt);
  const iv = new DataView(counter.buffer);
  iv.setUint32(4, iv.getUint32(4) ^ view.getUint32(8));
  iv.setUint32(8, iv.getUint32(8) ^ rollovers);
  iv.setUint16(12, iv.getUint16(12) ^ view.getUint16(2));
  const payload = createCipheriv('aes-128-ctr', KEYS.cipherKey, counter).update(packet.subarray(payloadAt));
  const message = joined(packet.subarray(0, payloadAt), payload);
  const count = Uint8Array.of(rollovers >>> 24, rollovers >>> 16, rollovers >>> 8, rollovers);
  const tag = createHmac('sha1', KEYS.authenticationKey).update(message).update(count).digest();
  return joined(message, tag.subarray(0, SRTP_TAG_BYTES));
}
