import { timingSafeEqual } from 'node:crypto';
import { rtpPayloadStart } from '../../rtp/rtp-header.ts';
import { KeystreamAhead } from './keystream-ahead.ts';
import { INNER_PAD_BYTES, PacketAuthenticator } from './packet-authenticator.ts';
import { estimateIndex, packetIndex, rolloversOf } from './packet-index.ts';
import { ReplayWindow } from './replay-window.ts';
import { RolloverSearch } from './rollover-search.ts';
import { deriveSessionKeys, type SessionKeys, SRTP_TAG_BYTES, type SrtpMasterKey } from './session-keys.ts';
import type { SrtpRefusal } from './srtp-refusal.ts';

/** The rollover counter, which is authenticated behind the packet but not sent (RFC 3711 §4.2). */
const ROLLOVERS_BYTES = 4;
/** No UDP payload is longer; a multiple of 4. */
const MOST_PACKET_BYTES = 1 << 16;
/** Sources that are remembered; whoever became one first goes first. Only who knows the key becomes one. */
const MAX_SOURCES = 8;

/** Packets in a row whose tag is wrong before a known source is taken for one that went on while we did not hear it. */
const MOST_STRANGE = 256;

/** A sender that knows the key. */
interface Source {
  readonly keystream: KeystreamAhead;
  readonly replays: ReplayWindow;
  /** Packets in a row that were not authentic at the estimated index. */
  strange: number;
}

/**
 * Opens the SRTP packets (RFC 3711) of any senders that have the master key. Holds one packet, and a replay list and some
 * key stream for each sender.
 */
export class SrtpUnprotector {
  readonly #keys: SessionKeys;
  readonly #authenticator: PacketAuthenticator;
  readonly #sources = new Map<number, Source>();
  /** | pad of the HMAC key | packet without its tag | rollover counter |, three times the same memory */
  readonly #bytes = Buffer.from(new ArrayBuffer(INNER_PAD_BYTES + MOST_PACKET_BYTES + ROLLOVERS_BYTES));
  readonly #words = new Uint32Array(this.#bytes.buffer);
  readonly #plain = new Uint8Array(this.#bytes.buffer);
  readonly #tag = Buffer.alloc(SRTP_TAG_BYTES);
  readonly #search = new RolloverSearch();

  constructor(master: SrtpMasterKey) {
    this.#keys = deriveSessionKeys(master, 'srtp');
    this.#authenticator = new PacketAuthenticator(this.#keys.authenticationKey);
    this.#bytes.set(this.#authenticator.innerPad);
  }

  /**
   * The RTP packet in the clear, valid until the next call, or why it is refused. Never throws.
   *
   * The tag is checked before the replay list, not behind it as RFC 3711 §3.3 has it: so what is counted as replayed was
   * really sent once.
   */
  unprotect(packet: Uint8Array): Uint8Array | SrtpRefusal {
    const payloadAt = rtpPayloadStart(packet);
    if (typeof payloadAt === 'string') return payloadAt;
    const length = packet.length - SRTP_TAG_BYTES;
    if (length < payloadAt) return 'too_short';
    if (length > MOST_PACKET_BYTES) return 'too_long';
    this.#bytes.set(packet.subarray(0, length), INNER_PAD_BYTES);
    const ssrc = this.#bytes.readUInt32BE(INNER_PAD_BYTES + 8);
    const known = this.#sources.get(ssrc);
    const index = this.#indexOf(packet, length, ssrc, known);
    if (index === undefined) return 'not_authentic';
    const source = known ?? this.#add(ssrc);
    source.strange = 0;
    const verdict = source.replays.look(index);
    if (verdict !== 'new') return verdict;
    source.replays.note(index);
    this.#decrypt(payloadAt, length - payloadAt, source.keystream.of(index, length - payloadAt));
    return this.#plain.subarray(INNER_PAD_BYTES, INNER_PAD_BYTES + length);
  }

  /** The index with which the packet is authentic, if any. */
  #indexOf(packet: Uint8Array, length: number, ssrc: number, source: Source | undefined): number | undefined {
    const tag = packet.subarray(length);
    const sequence = this.#bytes.readUInt16BE(INNER_PAD_BYTES + 2);
    const estimate = source === undefined ? sequence : estimateIndex(source.replays.highest, sequence);
    if (this.#isAuthentic(length, tag, rolloversOf(estimate))) return estimate;
    if (source !== undefined) {
      source.strange += 1;
      if (source.strange < MOST_STRANGE) return undefined;
    }
    const least = source === undefined ? 1 : rolloversOf(source.replays.highest) + 1;
    const rollovers = this.#search.find(ssrc, least, (count) => this.#isAuthentic(length, tag, count));
    return rollovers === undefined ? undefined : packetIndex(rollovers, sequence);
  }

  #isAuthentic(length: number, tag: Uint8Array, rollovers: number): boolean {
    const end = INNER_PAD_BYTES + length;
    this.#bytes.writeUInt32BE(rollovers, end);
    const padAndMessage = this.#bytes.subarray(0, end + ROLLOVERS_BYTES);
    this.#authenticator.writeTag(padAndMessage, this.#tag, 0, SRTP_TAG_BYTES);
    return timingSafeEqual(this.#tag, tag);
  }

  #add(ssrc: number): Source {
    const source: Source = {
      keystream: new KeystreamAhead(this.#keys, ssrc),
      replays: new ReplayWindow(),
      strange: 0,
    };
    const [oldest] = this.#sources.keys();
    if (this.#sources.size === MAX_SOURCES && oldest !== undefined) this.#sources.delete(oldest);
    this.#sources.set(ssrc, source);
    return source;
  }

  /** Whole words (headers are): up to three bytes behind the payload are overwritten, the rollover counter's. */
  #decrypt(at: number, length: number, keystream: Uint32Array): void {
    const first = (INNER_PAD_BYTES + at) / 4;
    const count = Math.ceil(length / 4);
    for (let word = 0; word < count; word++) this.#words[first + word]! ^= keystream[word]!;
  }
}
