import { joined, mutateBytes } from './mutate-bytes.ts';
import type { Random } from './random.ts';

/** An RTP/JPEG packet in, a changed copy out. */
type PacketEdit = (packet: Uint8Array, random: Random) => Uint8Array;

const RTP_HEADER_BYTES = 12;
const JPEG_HEADER_BYTES = 8;
const SSRC_BYTES = 4;
/** RTP header, main header, restart header and the beginning of the tables. */
const HEADERS = 28;

const with8 = (packet: Uint8Array, at: number, value: number): Uint8Array => {
  const changed = packet.slice();
  if (at < changed.length) changed[at] = value;
  return changed;
};

const with16 = (packet: Uint8Array, at: number, value: number): Uint8Array =>
  with8(with8(packet, at, (value >> 8) & 0xff), at + 1, value & 0xff);

export const withSequence = (packet: Uint8Array, sequence: number): Uint8Array => with16(packet, 2, sequence & 0xffff);
/** Those of our senders are small. */
export const ssrcOf = (packet: Uint8Array): number => packet[11]!;
export const withSsrc = (packet: Uint8Array, ssrc: number): Uint8Array => with8(packet, 11, ssrc);

const flipHeaderBit: PacketEdit = (packet, random) => {
  const at = random.below(Math.min(HEADERS, packet.length));
  return with8(packet, at, packet[at]! ^ (1 << random.below(8)));
};
const setHeaderByte: PacketEdit = (packet, random) => with8(packet, random.below(HEADERS), random.byte());
const toggleMarker: PacketEdit = (packet) => with8(packet, 1, packet[1]! ^ 0x80);
const shiftSequence: PacketEdit = (packet, random) => {
  const sequence = (packet[2]! << 8) | packet[3]!;
  const by = random.pick([1, -1, 2, 63, 64, 65, -99, -100, 128, 2999, 3000, 0x8000, random.below(0x10000)]);
  return withSequence(packet, sequence + by);
};
const setOffset: PacketEdit = (packet, random) => {
  const edited = random.oneIn(2) ? with8(packet, 13, random.pick([0, 0, 0x7f, 0xff])) : packet;
  return with16(edited, 14, random.word());
};
const setJpegHeader: PacketEdit = (packet, random) => {
  const [at, values] = random.pick(JPEG_FIELDS);
  return with8(packet, at, random.pick(values));
};
const addSources: PacketEdit = (packet, random) => {
  const count = random.between(1, 15);
  const sources = random.bytes(SSRC_BYTES * (random.oneIn(4) ? random.below(count) : count));
  const header = with8(packet.subarray(0, RTP_HEADER_BYTES), 0, (packet[0]! & 0xf0) | count);
  return joined(header, sources, packet.subarray(RTP_HEADER_BYTES));
};
const addPadding: PacketEdit = (packet, random) => {
  const padding = new Uint8Array(random.below(20));
  const length = random.oneIn(4) ? random.byte() : padding.length + 1;
  return joined(with8(packet, 0, packet[0]! | 0x20), padding, Uint8Array.of(length));
};

/** Main header: type-specific, type, Q, width and height (RFC 2435 §3.1). */
const JPEG_FIELDS: readonly (readonly [at: number, values: readonly number[]])[] = [
  [12, [0, 1, 2, 3, 0xff]],
  [16, [0, 1, 2, 63, 64, 65, 66, 127, 128, 255]],
  [17, [0, 1, 50, 99, 100, 127, 128, 200, 254, 255]],
  [18, [0, 1, 2, 255]],
  [19, [0, 1, 2, 255]],
];

const EDITS: readonly PacketEdit[] = [
  flipHeaderBit,
  setHeaderByte,
  toggleMarker,
  shiftSequence,
  setOffset,
  setJpegHeader,
  addSources,
  addPadding,
  mutateBytes,
];

/** One packet changed in one way. */
export const mutatePacket: PacketEdit = (packet, random) => random.pick(EDITS)(packet, random);

/** All packets of a frame changed in the same way, so that they still belong together. */
export function mutateFrame(
  packets: readonly Uint8Array[],
  segments: readonly Uint8Array[],
  random: Random,
): Uint8Array[] {
  switch (random.below(6)) {
    case 0: {
      const [at, values] = random.pick(JPEG_FIELDS);
      const value = random.pick(values);
      return packets.map((packet) => with8(packet, at, value));
    }
    case 1: {
      const q = random.pick([1, 99, 128, 128, 254]);
      return packets.map((packet, i) => withQ(packet, q, i === 0 && random.oneIn(2)));
    }
    case 2: {
      const size = random.oneIn(2) ? 0 : random.below(256);
      const resized = packets.map((packet) => with8(with8(packet, 18, size), 19, size));
      return withExtension(resized, segments, random);
    }
    case 3:
      return withExtension(packets, segments, random);
    case 4: {
      const interval = random.word();
      return packets.map((packet) => (packet[16]! < 64 ? packet : with16(packet, RESTART_INTERVAL_AT, interval)));
    }
    default: // an empty fragment, before or between
      return withEmptyFragment(packets, random);
  }
}

const RESTART_INTERVAL_AT = RTP_HEADER_BYTES + JPEG_HEADER_BYTES;
const QUANT_LENGTH_AT = RTP_HEADER_BYTES + JPEG_HEADER_BYTES + 2;

/** Another Q; from 128 on perhaps without its tables, which were sent before (RFC 2435 §4.2). */
function withQ(packet: Uint8Array, q: number, dropTables: boolean): Uint8Array {
  const changed = with8(packet, 17, q);
  if (!dropTables || packet[16]! >= 64) return changed;
  const length = (packet[QUANT_LENGTH_AT]! << 8) | packet[QUANT_LENGTH_AT + 1]!;
  const tablesAt = QUANT_LENGTH_AT + 2;
  return joined(with16(changed.subarray(0, tablesAt), QUANT_LENGTH_AT, 0), changed.subarray(tablesAt + length));
}

/** Marker segments in a header extension (ONVIF Streaming Specification): they go before what the packets say. */
function withExtension(packets: readonly Uint8Array[], segments: readonly Uint8Array[], random: Random): Uint8Array[] {
  const count = random.between(1, 3);
  const content = joined(...Array.from({ length: count }, () => random.pick(segments)));
  const words = Math.ceil(content.length / 4);
  const padding = new Uint8Array(4 * words - content.length).fill(0xff);
  const isOdd = random.oneIn(8);
  const profile = isOdd ? random.word() : 0xffd8;
  const length = isOdd ? random.word() : words;
  const header = Uint8Array.of(profile >> 8, profile & 0xff, length >> 8, length & 0xff);
  return packets.map((packet, i) => {
    if (i > 0) return packet;
    const rtp = with8(packet.subarray(0, RTP_HEADER_BYTES), 0, packet[0]! | 0x10);
    return joined(rtp, header, padding, content, packet.subarray(RTP_HEADER_BYTES));
  });
}

/** The packets behind it move on by a number. */
function withEmptyFragment(packets: readonly Uint8Array[], random: Random): Uint8Array[] {
  const at = random.below(packets.length);
  const empty = packets[at]!.subarray(0, RTP_HEADER_BYTES + JPEG_HEADER_BYTES + (at === 0 ? 4 + 128 : 0));
  const moved = [...packets.slice(0, at), with8(empty, 1, empty[1]! & 0x7f), ...packets.slice(at)];
  const first = (packets[0]![2]! << 8) | packets[0]![3]!;
  return moved.map((packet, i) => withSequence(packet, first + i));
}
