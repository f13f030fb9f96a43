/** A datagram as RFC 3550 §5.1 and RFC 2435 §3.1 describe it, read without any code of ours, so that no mistake hides. */
export interface SeenFragment {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly offset: number;
  readonly q: number;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly restartInterval: number;
  readonly hasExtension: boolean;
  /** Of a quantisation header. */
  readonly tables: Uint8Array | undefined;
  readonly scan: Uint8Array;
}

/** Undefined where it is no whole fragment of payload type 26. */
export function seeFragment(packet: Uint8Array): SeenFragment | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  try {
    const flags = view.getUint8(0);
    const second = view.getUint8(1);
    const hasExtension = (flags & 0x10) !== 0;
    let at = 12 + 4 * (flags & 15);
    if (hasExtension) at += 4 + 4 * view.getUint16(at + 2);
    const end = packet.length - ((flags & 0x20) !== 0 ? view.getUint8(packet.length - 1) : 0);
    const [offset, type, q] = [view.getUint32(at) & 0xffffff, view.getUint8(at + 4), view.getUint8(at + 5)];
    const [width, height] = [8 * view.getUint8(at + 6), 8 * view.getUint8(at + 7)];
    const restartInterval = type >= 64 ? view.getUint16(at + 8) : 0;
    at += 8 + (type >= 64 ? 4 : 0);
    let tables: Uint8Array | undefined;
    if (q >= 128 && offset === 0) {
      const length = view.getUint16(at + 2);
      tables = packet.slice(at + 4, at + 4 + length);
      at += 4 + length;
    }
    if (flags >> 6 !== 2 || (second & 127) !== 26 || at > end) return undefined;
    const [sequence, timestamp, ssrc] = [view.getUint16(2), view.getUint32(4), view.getUint32(8)];
    const scan = packet.slice(at, end);
    const facts = { marker: second >= 128, offset, q, width, height, restartInterval, hasExtension };
    return { ssrc, sequence, timestamp, ...facts, tables, scan };
  } catch {
    return undefined; // it ends before its headers do
  }
}
