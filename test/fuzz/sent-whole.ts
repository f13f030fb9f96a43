import type { ReceivedPicture } from '../../src/rtp/jpeg-frame-assembler.ts';
import type { PictureSize } from '../../src/rtp/jpeg-head-memory.ts';
import { type SeenFragment, seeFragment } from './seen-fragment.ts';

const TABLES_BYTES = 128;

/**
 * Remembers what has arrived, and tells whether a picture was sent: whether some fragments that follow each other without a
 * gap, from the offset 0 up to a marker, are the picture's scan byte for byte, under the headers of the first of them.
 */
export class SentWhole {
  readonly #bySequence = new Map<number, SeenFragment[]>();
  /** All tables that a source has sent, for frames that come without. */
  readonly #tables = new Set<string>();

  /** As the session's description tells it. */
  readonly #told: PictureSize | undefined;

  constructor(told: PictureSize | undefined) {
    this.#told = told;
  }

  /** A datagram has arrived. */
  note(packet: Uint8Array): void {
    const fragment = seeFragment(packet);
    if (fragment === undefined) return;
    const { sequence, ssrc, tables } = fragment;
    const same = this.#bySequence.get(sequence);
    if (same === undefined) this.#bySequence.set(sequence, [fragment]);
    else same.push(fragment);
    if (tables !== undefined) this.#tables.add(keyOf(ssrc, tables));
  }

  has(picture: ReceivedPicture): boolean {
    const { scanStart, scanEnd } = picture.layout;
    const scan = picture.bytes.subarray(scanStart, scanEnd);
    const isOfPicture = ({ ssrc, timestamp }: SeenFragment): boolean =>
      ssrc === picture.ssrc && timestamp === picture.timestamp;
    /** Whether the scan can go on from `at` with a fragment of this number. */
    const goesOn = (sequence: number, at: number): boolean =>
      (this.#bySequence.get(sequence & 0xffff) ?? []).some(
        (fragment) =>
          isOfPicture(fragment) &&
          fragment.offset === at &&
          fits(fragment.scan, scan, at) &&
          (fragment.marker
            ? at + fragment.scan.length >= scan.length
            : goesOn(sequence + 1, at + fragment.scan.length)),
      );
    for (const fragments of this.#bySequence.values()) {
      for (const first of fragments) {
        const isFirst = isOfPicture(first) && first.offset === 0 && this.#hasHead(picture, first);
        if (isFirst && goesOn(first.sequence, 0)) return true;
      }
    }
    return false;
  }

  /** Whether the picture's head says what the frame's first packet does. An extension may say something else. */
  #hasHead({ bytes, layout }: ReceivedPicture, first: SeenFragment): boolean {
    if (first.hasExtension) return true;
    const { width, height, restartInterval } = layout;
    const isTold = width === this.#told?.width && height === this.#told.height && isRounded(this.#told, first);
    if (!isTold && (width !== first.width || height !== first.height)) return false;
    if (restartInterval !== first.restartInterval) return false;
    if (first.tables === undefined) return true;
    const tables = Buffer.concat([0, 1].map((id) => bytes.subarray(layout.quantTables[id]!.offset).subarray(0, 64)));
    if (first.tables.length === 0) return this.#tables.has(keyOf(first.ssrc, tables));
    return first.tables.length !== TABLES_BYTES || tables.equals(first.tables);
  }
}

/** Whether packets say the size up to the next multiple of 8, or leave it open with a 0. */
const isRounded = ({ width, height }: PictureSize, first: SeenFragment): boolean =>
  first.width === 0 ||
  first.height === 0 ||
  (first.width === 8 * Math.ceil(width / 8) && first.height === 8 * Math.ceil(height / 8));

const keyOf = (ssrc: number, tables: Uint8Array): string => `${ssrc} ${Buffer.from(tables).toString('latin1')}`;

/** Whether the piece is what the scan has at `at`; behind the scan, EOI markers may follow. */
function fits(piece: Uint8Array, scan: Uint8Array, at: number): boolean {
  for (let i = 0; i < piece.length; i++) {
    const wanted = at + i < scan.length ? scan[at + i] : (at + i - scan.length) % 2 === 0 ? 0xff : 0xd9;
    if (piece[i] !== wanted) return false;
  }
  return true;
}
