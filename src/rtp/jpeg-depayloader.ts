import { type MonoUs, usFromMs } from '../base/units.ts';
import { InterarrivalJitter } from './interarrival-jitter.ts';
import { JpegFrameAssembler, type ReceivedPicture } from './jpeg-frame-assembler.ts';
import type { PictureSize } from './jpeg-head-memory.ts';
import { kept, type ReceivedRtp } from './received-rtp.ts';
import { ReceptionCounts } from './reception-counts.ts';
import type { SourceReception } from './reception-report.ts';
import { ReorderWindow } from './reorder-window.ts';
import { readRtpHeader } from './rtp-header.ts';
import { SequenceTracker } from './sequence-tracker.ts';

/** A source that is silent for so long has lost its place to the next one that is heard. */
export const SILENT_SOURCE_US = usFromMs(1000);

export interface DepayloaderOptions {
  /** 7 bits; packets of another one are ignored. */
  readonly payloadType: number;
  /** Called for each of these. */
  readonly onOtherPayload?: (payloadType: number) => void;
  /** Exact size of the pictures, if the session's description tells it. */
  readonly size?: PictureSize | undefined;
  /** Called for every whole picture, in order. Its bytes are overwritten by the next one. */
  readonly onPicture: (picture: ReceivedPicture) => void;
}

/** The source that is followed. */
interface Source {
  readonly ssrc: number;
  readonly tracker: SequenceTracker;
  readonly jitter: InterarrivalJitter;
  window: ReorderWindow<ReceivedRtp>;
  heardAt: MonoUs;
  /** Far off the others: dropped unless the packet behind it follows. */
  jump: ReceivedRtp | undefined;
}

/**
 * The receiving side of RTP/JPEG: packets in, whole JPEGs out (RFC 3550, RFC 2435). Follows one source at a time, the
 * first one heard; puts packets in order within a small window; never puts out a picture with a hole. Never throws,
 * whatever the packets; holds REORDER_PACKETS of them and one picture at most. Time is an argument only.
 */
export class JpegDepayloader {
  readonly counts = new ReceptionCounts();
  readonly #payloadType: number;
  readonly #onOtherPayload: (payloadType: number) => void;
  readonly #assembler: JpegFrameAssembler;
  #source: Source | undefined;

  constructor({ payloadType, size, onPicture, onOtherPayload = () => undefined }: DepayloaderOptions) {
    this.#payloadType = payloadType;
    this.#onOtherPayload = onOtherPayload;
    this.#assembler = new JpegFrameAssembler({ size, counts: this.counts, onPicture });
  }

  /** Of the source that is followed. */
  get ssrc(): number | undefined {
    return this.#source?.ssrc;
  }

  /** When a packet of that source came last. */
  get heardAt(): MonoUs | undefined {
    return this.#source?.heardAt;
  }

  /** How that source arrives, for reports to it. */
  get reception(): SourceReception | undefined {
    if (this.#source === undefined) return undefined;
    const { ssrc, tracker, jitter } = this.#source;
    const { expected, received, highestSequence } = tracker;
    return { ssrc, expected, received, highestSequence, jitterTicks: jitter.ticks };
  }

  /** Take a datagram that arrived at `now`. Its bytes are read before this returns; what has to wait is copied. */
  push(packet: Uint8Array, now: MonoUs): void {
    const header = readRtpHeader(packet);
    if (typeof header === 'string') {
      this.counts.ignored.add(header);
    } else if (header.payloadType !== this.#payloadType) {
      this.counts.ignored.add('payload_type');
      this.#onOtherPayload(header.payloadType);
    } else {
      this.#follow({ packet, header, arrivedAt: now });
    }
  }

  /** Packets wait for one that is missing: time is to be told by `expire`. */
  get isWaiting(): boolean {
    return this.#source?.window.isWaiting ?? false;
  }

  /** Let time pass while no packet comes: what has been waited for long enough is given up. */
  expire(now: MonoUs): void {
    this.#source?.window.expire(now);
  }

  /** No more packets come: wait for none of those that are missing. */
  flush(): void {
    this.#source?.window.flush();
  }

  /** The source has sent all it had: a picture that is not whole by now is lost. */
  end(): void {
    this.flush();
    this.#assembler.interrupt();
  }

  #follow(received: ReceivedRtp): void {
    const { header, arrivedAt } = received;
    let source = this.#source;
    if (source === undefined || (source.ssrc !== header.ssrc && arrivedAt - source.heardAt >= SILENT_SOURCE_US)) {
      source = this.#change(source, received);
    } else if (source.ssrc !== header.ssrc) {
      this.counts.ignored.add('other_ssrc');
      return;
    } else {
      const extended = this.#number(source, received);
      if (extended === undefined) return;
      source.window.expire(arrivedAt);
      this.#admit(source, extended, received);
    }
    source.heardAt = arrivedAt;
    source.jitter.note(header.timestamp, arrivedAt);
    this.counts.jitter_ms = source.jitter.ms;
  }

  /** Follow another source, or the first one. */
  #change(old: Source | undefined, first: ReceivedRtp): Source {
    if (old !== undefined) {
      this.#dropJump(old);
      old.window.flush();
      this.#assembler.forget();
      this.counts.ssrc_changes += 1;
    }
    const tracker = new SequenceTracker(first.header.sequence, this.counts);
    const source: Source = {
      ssrc: first.header.ssrc,
      tracker,
      jitter: new InterarrivalJitter(),
      window: this.#openWindow(tracker.highest, first.arrivedAt),
      heardAt: first.arrivedAt,
      jump: undefined,
    };
    this.#source = source;
    this.#admit(source, tracker.highest, first);
    return source;
  }

  /** The packet's extended number, or undefined when it is to be dropped, or kept for the next one to decide. */
  #number(source: Source, received: ReceivedRtp): number | undefined {
    const { sequence } = received.header;
    let verdict = source.tracker.note(sequence);
    if (verdict === 'restart') {
      this.#restart(source);
      verdict = source.tracker.note(sequence);
    }
    if (typeof verdict === 'number') return verdict;
    if (verdict === 'jump') {
      this.#dropJump(source);
      source.jump = kept(received);
    }
    return undefined;
  }

  /** A new numbering has begun, with the packet that was kept. */
  #restart(source: Source): void {
    const { jump } = source;
    if (jump === undefined) return;
    source.jump = undefined;
    source.window.flush();
    this.#assembler.interrupt();
    source.window = this.#openWindow(source.tracker.highest, jump.arrivedAt);
    this.#admit(source, source.tracker.highest, jump);
  }

  #dropJump(source: Source): void {
    if (source.jump !== undefined) this.counts.ignored.add('stray');
    source.jump = undefined;
  }

  #admit(source: Source, extended: number, received: ReceivedRtp): void {
    const { header, arrivedAt } = received;
    this.counts.octets += header.payloadEnd - header.payloadStart;
    if (!source.window.add(extended, received, arrivedAt)) this.counts.late_packets += 1;
  }

  #openWindow(first: number, now: MonoUs): ReorderWindow<ReceivedRtp> {
    return new ReorderWindow(first, now, (item, missing) => this.#assembler.add(item, missing), kept);
  }
}
