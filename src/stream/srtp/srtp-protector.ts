import { PacketPlan } from '../../rtp/packet-plan.ts';
import { INNER_PAD_BYTES, PacketAuthenticator } from './packet-authenticator.ts';
import { BLOCK_BYTES, PacketKeystream } from './packet-keystream.ts';
import { deriveSessionKeys, SRTP_TAG_BYTES, type SrtpMasterKey } from './session-keys.ts';

/** The rollover counter, which is authenticated behind the packet but not sent (RFC 3711 §4.2); the tag takes its place. */
const ROLLOVERS_BYTES = 4;
const TWO_16 = 2 ** 16;

/**
 * Makes SRTP packets (RFC 3711) of a stream's RTP packets, a frame at a time, in one block of memory that only ever grows.
 * There, each packet has a slot:
 *
 *     | pad of the HMAC key | RTP header | encrypted payload | tag |
 *
 * One key may protect 2^48 packets (RFC 3711 §9.2), which no stream lives to see; but never two streams of one SSRC.
 */
export class SrtpProtector {
  /** The protected packets of the last frame; overwritten by the next one. */
  readonly plan = new PacketPlan();
  readonly #keystream: PacketKeystream;
  readonly #authenticator: PacketAuthenticator;
  /** The next packet's: rollovers * 2^16 + sequence number (RFC 3711 §3.3.1). */
  #index: number;
  /** The plan's memory in other guises. */
  #bytes: Buffer = Buffer.alloc(0);
  #words = new Uint32Array(0);

  /** `ssrc` and `firstSequence` are those of the packets to come. */
  constructor(master: SrtpMasterKey, ssrc: number, firstSequence: number) {
    const keys = deriveSessionKeys(master, 'srtp');
    this.#keystream = new PacketKeystream(keys, ssrc);
    this.#authenticator = new PacketAuthenticator(keys.authenticationKey);
    this.#index = firstSequence;
  }

  /** How often the sequence number has wrapped: a receiver that comes late must be told (RFC 3711 §3.3.1). */
  get rollovers(): number {
    return Math.floor(this.#index / TWO_16);
  }

  /** Fill `plan` with the protected form of all packets of `plain`, whose pieces lie in `picture`. */
  protect(plain: PacketPlan, picture: Uint8Array): PacketPlan {
    const { plan } = this;
    const { count } = plain;
    // All packets but the last are as long as the first.
    const slotBytes = roundUp(INNER_PAD_BYTES + plain.packetLength(0) + SRTP_TAG_BYTES, 4);
    this.#reserve(count, count * slotBytes);
    const blocks = Math.ceil(Math.max(plain.octets[0]!, plain.octets[count > 1 ? 1 : 0]!) / BLOCK_BYTES);
    const keystream = this.#keystream.of(this.#index, count, blocks);
    for (let i = 0; i < count; i++) {
      const packetAt = i * slotBytes + INNER_PAD_BYTES;
      this.#copy(plain, picture, i, packetAt);
      const length = plain.packetLength(i);
      const octets = plain.octets[i]!;
      this.#encrypt(packetAt + length - octets, octets, keystream, i * blocks * (BLOCK_BYTES / 4));
      this.#authenticate(packetAt, length);
      plan.headerAt[i] = packetAt;
      plan.headerLength[i] = length + SRTP_TAG_BYTES;
      plan.payloadAt[i] = 0;
      plan.payloadLength[i] = 0;
      plan.octets[i] = octets;
      this.#index += 1;
    }
    plan.count = count;
    return plan;
  }

  #reserve(packets: number, bytes: number): void {
    this.plan.reserve(packets, bytes);
    const { buffer } = this.plan.headers;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = Buffer.from(buffer);
    this.#words = new Uint32Array(buffer);
  }

  #copy(plain: PacketPlan, picture: Uint8Array, i: number, at: number): void {
    const headersEnd = plain.headerAt[i]! + plain.headerLength[i]!;
    const payloadEnd = plain.payloadAt[i]! + plain.payloadLength[i]!;
    this.#bytes.set(this.#authenticator.innerPad, at - INNER_PAD_BYTES);
    this.#bytes.set(plain.headers.subarray(plain.headerAt[i], headersEnd), at);
    this.#bytes.set(picture.subarray(plain.payloadAt[i], payloadEnd), at + plain.headerLength[i]!);
  }

  /** Whole words, up to three bytes beyond the payload: the tag will overwrite them. */
  #encrypt(at: number, length: number, keystream: Uint32Array, from: number): void {
    const words = this.#words;
    const first = at / 4;
    const count = Math.ceil(length / 4);
    for (let word = 0; word < count; word++) words[first + word]! ^= keystream[from + word]!;
  }

  #authenticate(packetAt: number, length: number): void {
    const end = packetAt + length;
    this.#bytes.writeUInt32BE(this.rollovers % 2 ** 32, end);
    const padAndMessage = this.#bytes.subarray(packetAt - INNER_PAD_BYTES, end + ROLLOVERS_BYTES);
    this.#authenticator.writeTag(padAndMessage, this.#bytes, end, SRTP_TAG_BYTES);
  }
}

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;
