import { walkJpeg } from '../../src/jpeg/walk.ts';
import type { PacketPlan } from '../../src/rtp/packet-plan.ts';

/**
 * An RTP/JPEG packet as a receiver sees it, read byte by byte from the figures of RFC 3550 §5.1 and RFC 2435 §3.1
 * and without any code of ours, so that a mistake there cannot hide.
 */
export interface SeenPacket {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** The header extension, its own header included. */
  readonly extension: Buffer | undefined;
  readonly fragmentOffset: number;
  readonly type: number;
  readonly q: number;
  readonly width: number;
  readonly height: number;
  /** The four bytes of the restart header. */
  readonly restart: Buffer | undefined;
  /** The quantisation header and its tables. */
  readonly quantHeader: Buffer | undefined;
  readonly tables: Buffer | undefined;
  readonly scan: Buffer;
  readonly length: number;
}

export function seePacket(packet: Uint8Array): SeenPacket {
  const whole = Buffer.from(packet);
  if ((whole[0]! & 0xef) !== 0x80) throw new Error(`not a plain RTP header: ${whole.subarray(0, 12).toString('hex')}`);
  const extension = whole[0] === 0x90 ? whole.subarray(12, 16 + 4 * whole.readUInt16BE(14)) : undefined;
  const bytes = extension ? Buffer.concat([whole.subarray(0, 12), whole.subarray(12 + extension.length)]) : whole;
  const fragmentOffset = bytes.readUIntBE(13, 3);
  const type = bytes.readUInt8(16);
  const q = bytes.readUInt8(17);
  let at = 20;
  const take = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const restart = type >= 64 ? take(4) : undefined;
  const quantHeader = q >= 128 && fragmentOffset === 0 ? take(4) : undefined;
  const tables = quantHeader === undefined ? undefined : take(quantHeader.readUInt16BE(2));
  return {
    marker: bytes[1]! >> 7 === 1,
    payloadType: bytes[1]! & 0x7f,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    extension,
    fragmentOffset,
    type,
    q,
    width: bytes.readUInt8(18) * 8,
    height: bytes.readUInt8(19) * 8,
    restart,
    quantHeader,
    tables,
    scan: bytes.subarray(at),
    length: whole.length,
  };
}

/** The packets that a plan describes, as bytes. */
export function packetsOf(plan: PacketPlan, picture: Uint8Array): Uint8Array[] {
  return Array.from({ length: plan.count }, (_, i) => {
    const headerAt = plan.headerAt[i]!;
    const payloadAt = plan.payloadAt[i]!;
    return Buffer.concat([
      plan.headers.subarray(headerAt, headerAt + plan.headerLength[i]!),
      picture.subarray(payloadAt, payloadAt + plan.payloadLength[i]!),
    ]);
  });
}

/** The scan that packets carry, put together by their fragment offsets. Throws where they leave a hole or overlap. */
export function joinScan(packets: readonly SeenPacket[]): Buffer {
  let length = 0;
  for (const { fragmentOffset, scan } of packets) {
    if (fragmentOffset !== length) throw new Error(`fragment at ${fragmentOffset}, expected at ${length}`);
    length += scan.length;
  }
  return Buffer.concat(packets.map(({ scan }) => scan));
}

/** The entropy-coded bytes of a picture. */
export function scanOf(jpeg: Uint8Array): Uint8Array {
  const layout = walkJpeg(jpeg);
  if (typeof layout === 'string') throw new Error(`not a whole JPEG: ${layout}`);
  return jpeg.subarray(layout.scanStart, layout.scanEnd);
}
