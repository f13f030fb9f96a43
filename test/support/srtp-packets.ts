import { PacketPlan } from '../../src/rtp/packet-plan.ts';
import type { SrtpMasterKey } from '../../src/stream/srtp/session-keys.ts';
import { SrtpProtector } from '../../src/stream/srtp/srtp-protector.ts';
import { packetsOf } from './rtp-packets.ts';

export const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The master key and salt of RFC 3711 appendix B.3. */
export const MASTER: SrtpMasterKey = {
  key: fromHex('E1F97A0D3E018BE0D64FA32C06DE4139'),
  salt: fromHex('0EC675AD498AFEEBB6960B3AABE6'),
};

const HEADER_BYTES = 12;

/** A plan of packets: their fixed headers are the plan's, the rest lies in a picture. */
export function planOf(...packets: readonly Uint8Array[]): { plan: PacketPlan; picture: Uint8Array } {
  const plan = new PacketPlan();
  const total = packets.reduce((sum, { length }) => sum + length, 0);
  plan.reserve(packets.length, total);
  const picture = new Uint8Array(total);
  let [headerAt, payloadAt] = [0, 0];
  for (const [i, packet] of packets.entries()) {
    const payload = packet.subarray(HEADER_BYTES);
    plan.headers.set(packet.subarray(0, HEADER_BYTES), headerAt);
    picture.set(payload, payloadAt);
    plan.headerAt[i] = headerAt;
    plan.headerLength[i] = HEADER_BYTES;
    plan.payloadAt[i] = payloadAt;
    plan.payloadLength[i] = payload.length;
    plan.octets[i] = payload.length;
    headerAt += HEADER_BYTES;
    payloadAt += payload.length;
  }
  plan.count = packets.length;
  return { plan, picture };
}

/** A plain RTP packet. */
export function rtpPacket(ssrc: number, sequence: number, payload: Uint8Array): Uint8Array {
  const packet = Buffer.alloc(HEADER_BYTES + payload.length);
  packet.writeUInt16BE(0x801a);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(ssrc, 8);
  packet.set(payload, HEADER_BYTES);
  return packet;
}

/** Protected packets of one source, with the index (rollovers and sequence number) of each from `firstIndex` on. */
export function protectedPackets(ssrc: number, firstIndex: number, payloads: readonly Uint8Array[]): Uint8Array[] {
  const protector = new SrtpProtector(MASTER, ssrc, firstIndex);
  return payloads.map((payload, i) => {
    const { plan, picture } = planOf(rtpPacket(ssrc, (firstIndex + i) % 2 ** 16, payload));
    return packetsOf(protector.protect(plan, picture), picture)[0]!;
  });
}
