/**
 * The packets of one frame without the packets: the headers of all of them in one block, and for each where its piece
 * of the picture lies. It is filled anew for every frame and only ever grows, so sending allocates nothing per packet.
 * The picture's bytes are not copied: they stay where the frame holds them.
 */
export class PacketPlan {
  /** Packets of this frame; the entries of the arrays below beyond it are left-overs. */
  count = 0;
  /** All headers of the frame, one packet's after the other's. */
  headers = new Uint8Array(0);
  headersView = new DataView(this.headers.buffer);
  /** Of packet i: where its headers start in `headers`, and their length. */
  headerAt = new Uint32Array(0);
  headerLength = new Uint32Array(0);
  /** Of packet i: where its piece starts in the picture, and its length. */
  payloadAt = new Uint32Array(0);
  payloadLength = new Uint32Array(0);
  /** Of packet i: bytes of its RTP payload, which RTCP counts (RFC 3550 §6.4.1): all but RTP header and extension. */
  octets = new Uint32Array(0);

  /** Make room for `packets` packets with `headerBytes` bytes of headers in all. What was planned is lost. */
  reserve(packets: number, headerBytes: number): void {
    this.count = 0;
    if (packets > this.headerAt.length) {
      const room = roundUpToPower(packets);
      this.headerAt = new Uint32Array(room);
      this.headerLength = new Uint32Array(room);
      this.payloadAt = new Uint32Array(room);
      this.payloadLength = new Uint32Array(room);
      this.octets = new Uint32Array(room);
    }
    if (headerBytes > this.headers.length) {
      this.headers = new Uint8Array(roundUpToPower(headerBytes));
      this.headersView = new DataView(this.headers.buffer);
    }
  }

  /** Octets of `count` packets from `first` on. */
  octetsOf(first: number, count: number): number {
    let sum = 0;
    for (let i = first; i < first + count; i++) sum += this.octets[i]!;
    return sum;
  }

  /** Bytes of packet i: its UDP payload. */
  packetLength(i: number): number {
    return this.headerLength[i]! + this.payloadLength[i]!;
  }
}

const roundUpToPower = (n: number): number => 2 ** Math.ceil(Math.log2(n));
