import type { RtpTicks } from '../base/units.ts';
import type { JpegLayout } from '../jpeg/layout.ts';
import { withoutEoi } from '../jpeg/walk.ts';
import { type FragmentFault, type JpegFragment, readJpegFragment } from './jpeg-fragment.ts';
import { JpegHeadMemory, type PictureSize } from './jpeg-head-memory.ts';
import { MAX_SCAN_BYTES } from './jpeg-main-header.ts';
import { LostFrameEstimate } from './lost-frame-estimate.ts';
import { type OnvifSegments, readOnvifExtension } from './onvif-jpeg-extension.ts';
import type { PictureRefusal } from './picture-refusal.ts';
import type { ReceivedRtp } from './received-rtp.ts';
import type { ReceptionCounts } from './reception-counts.ts';

/** A whole picture. `bytes` are the assembler's own and are overwritten by the next one: copy what is to stay. */
export interface ReceivedPicture {
  /** From SOI to EOI. */
  readonly bytes: Uint8Array;
  readonly layout: JpegLayout;
  readonly timestamp: RtpTicks;
  readonly ssrc: number;
}

export interface AssemblerOptions {
  /** Size of the pictures where packets do not tell it: above 2040 pixels (`a=x-dimensions`). */
  readonly size: PictureSize | undefined;
  readonly counts: ReceptionCounts;
  readonly onPicture: (picture: ReceivedPicture) => void;
}

const EOI: readonly number[] = [0xff, 0xd9];
const FIRST_ROOM = 256 * 1024;
/** The longest scan that RFC 2435 can carry (§3.1.2), and a head. */
const MOST_ROOM = MAX_SCAN_BYTES + 2048;

/**
 * `outside`: between two frames; `filling`: the frame's bytes up to here are there; `skipping`: the frame is lost, refused
 * or was under way before we listened, and is counted already.
 */
type State =
  | { readonly is: 'outside' }
  | {
      readonly is: 'filling';
      readonly timestamp: RtpTicks;
      readonly first: JpegFragment;
      readonly layout: JpegLayout;
    }
  | { readonly is: 'skipping'; readonly timestamp: RtpTicks };

const OUTSIDE: State = { is: 'outside' };

/**
 * Puts the packets of one source, which come in the order of their numbers, together to pictures. Each byte is copied
 * once, into one buffer that grows to the largest picture and is used for all. A picture with a hole is never put out.
 */
export class JpegFrameAssembler {
  readonly #heads: JpegHeadMemory;
  readonly #counts: ReceptionCounts;
  readonly #onPicture: (picture: ReceivedPicture) => void;
  readonly #estimate = new LostFrameEstimate();
  #state: State = OUTSIDE;
  /** Nothing is known of what came before the next packet: frames under way are none of ours. */
  #isJoining = true;
  #room: Uint8Array = new Uint8Array(FIRST_ROOM);
  #headLength = 0;
  #length = 0;

  constructor({ size, counts, onPicture }: AssemblerOptions) {
    this.#heads = new JpegHeadMemory(size);
    this.#counts = counts;
    this.#onPicture = onPicture;
  }

  /** Take the next packet of the source; `missing` packets before it are lost. */
  add({ packet, header }: ReceivedRtp, missing: number): void {
    const { timestamp, marker } = header;
    const fragment = readJpegFragment(packet, header.payloadStart, header.payloadEnd);
    const isFirst = typeof fragment === 'object' && fragment.fragmentOffset === 0;
    const isOther = this.#isOther(timestamp, isFirst);
    if (missing > 0) this.#noteLoss(timestamp, isFirst, isOther, missing);
    else if (isOther) this.#noteNoMarker();
    if (this.#state.is === 'outside' && this.#isJoining && !isFirst) this.#state = { is: 'skipping', timestamp };
    this.#isJoining = false;
    this.#estimate.see(timestamp);
    if (this.#state.is !== 'skipping') this.#take(packet, fragment, timestamp);
    if (marker) this.#finish(timestamp, header.ssrc);
  }

  /** The next packet has nothing to do with those before it. A frame under way is lost. */
  interrupt(): void {
    if (this.#state.is === 'filling') this.#counts.lost_frames += 1;
    this.#state = OUTSIDE;
    this.#isJoining = true;
    this.#estimate.forget();
  }

  /** Another source begins: its tables are its own. */
  forget(): void {
    this.interrupt();
    this.#heads.forget();
  }

  /** True when a packet is not of the frame under way. Some senders give one timestamp to several frames. */
  #isOther(timestamp: RtpTicks, isFirst: boolean): boolean {
    if (this.#state.is === 'outside') return false;
    const hasBegun = this.#state.is === 'skipping' || this.#length > this.#headLength;
    return this.#state.timestamp !== timestamp || (isFirst && hasBegun);
  }

  /** Packets are missing before one of the frame `timestamp`: which frames do they leave torn, which are gone whole? */
  #noteLoss(timestamp: RtpTicks, isFirst: boolean, isOther: boolean, missing: number): void {
    const { is } = this.#state;
    if (is === 'skipping' && !isOther) return;
    if (is === 'filling' && !isOther) {
      this.#lose(timestamp);
      return;
    }
    let torn = is === 'outside' ? 0 : 1;
    if (is === 'filling') this.#counts.lost_frames += 1;
    this.#state = OUTSIDE;
    if (!isFirst) {
      this.#lose(timestamp);
      torn += 1;
    }
    this.#counts.lost_frames += this.#estimate.wholeFrames(timestamp, missing, torn);
  }

  /** Nothing is missing, and yet another frame begins before the end of this one. */
  #noteNoMarker(): void {
    if (this.#state.is === 'filling') this.#counts.refused.add('no_marker');
    this.#state = OUTSIDE;
  }

  #take(packet: Uint8Array, fragment: JpegFragment | FragmentFault, timestamp: RtpTicks): void {
    if (typeof fragment === 'string') {
      this.#refuse(fragment, timestamp);
      return;
    }
    const extension = readOnvifExtension(packet);
    const fault =
      extension === 'bad_extension'
        ? extension
        : this.#state.is === 'filling'
          ? checkNext(fragment, this.#state.first, this.#length - this.#headLength)
          : this.#begin(fragment, extension, timestamp);
    if (fault !== undefined) this.#refuse(fault, timestamp);
    else if (!this.#append(fragment.scan)) this.#refuse('too_large', timestamp);
  }

  #begin(
    fragment: JpegFragment,
    extension: OnvifSegments | undefined,
    timestamp: RtpTicks,
  ): PictureRefusal | undefined {
    if (fragment.fragmentOffset !== 0) return 'bad_offset';
    const head = this.#heads.headOf(fragment, extension);
    if (typeof head === 'string') return head;
    this.#state = { is: 'filling', timestamp, first: fragment, layout: head.layout };
    this.#headLength = head.bytes.length;
    this.#length = head.bytes.length;
    this.#room.set(head.bytes);
    return undefined;
  }

  #append(scan: Uint8Array): boolean {
    const end = this.#length + scan.length;
    if (end + EOI.length > this.#room.length && !this.#grow(end + EOI.length)) return false;
    this.#room.set(scan, this.#length);
    this.#length = end;
    return true;
  }

  #grow(least: number): boolean {
    if (least > MOST_ROOM) return false;
    const room = new Uint8Array(Math.min(MOST_ROOM, Math.max(least, 2 * this.#room.length)));
    room.set(this.#room.subarray(0, this.#length));
    this.#room = room;
    return true;
  }

  /** The frame's last packet has been taken. */
  #finish(timestamp: RtpTicks, ssrc: number): void {
    const state = this.#state;
    this.#state = OUTSIDE;
    if (state.is !== 'filling') return;
    // Senders may leave the EOI marker in or out (RFC 2435 §3.1.9).
    const end = withoutEoi(this.#room, this.#headLength, this.#length);
    if (end === this.#headLength) {
      this.#counts.refused.add('scan_empty');
      return;
    }
    this.#room.set(EOI, end);
    this.#length = end + EOI.length;
    this.#counts.frames += 1;
    const bytes = this.#room.subarray(0, this.#length);
    this.#onPicture({ bytes, layout: { ...state.layout, scanEnd: end }, timestamp, ssrc });
  }

  #lose(timestamp: RtpTicks): void {
    this.#counts.lost_frames += 1;
    this.#state = { is: 'skipping', timestamp };
  }

  #refuse(reason: PictureRefusal, timestamp: RtpTicks): void {
    this.#counts.refused.add(reason);
    this.#state = { is: 'skipping', timestamp };
  }
}

/** A packet behind the first one goes on where the bytes received so far end, with the same headers. */
function checkNext(fragment: JpegFragment, first: JpegFragment, received: number): PictureRefusal | undefined {
  if (fragment.fragmentOffset !== received) return 'bad_offset';
  const isSame =
    fragment.type === first.type &&
    fragment.q === first.q &&
    fragment.width8 === first.width8 &&
    fragment.height8 === first.height8 &&
    fragment.restartInterval === first.restartInterval;
  return isSame ? undefined : 'inconsistent';
}
