import { nextSequence } from '../base/units.ts';
import type { ReceptionCounts } from './reception-counts.ts';

/** Packets that may be missing in a row; a longer step is taken for another numbering (RFC 3550 §A.1). */
const MAX_DROPOUT = 3000;
/** How far behind the highest number a packet may come (RFC 3550 §A.1). */
const MAX_MISORDER = 100;
/** The first cycle, so that extended numbers never get negative. */
const FIRST_CYCLE = 2 ** 16;
/** Which of the latest packets have come: a power of two above MAX_MISORDER. */
const REMEMBERED = 128;

/**
 * The number of a packet that is new, continued over the wrap of 16 bits; or that it came before; or that it is far off:
 * the `jump` is to be kept, because the packet behind it may tell that a new numbering began with it (`restart`).
 */
export type SequenceVerdict = number | 'duplicate' | 'jump' | 'restart';

/**
 * Follows the sequence numbers of one source by the rules of RFC 3550 §A.1, and counts what is lost, out of order and
 * doubled (§A.3).
 */
export class SequenceTracker {
  readonly #counts: ReceptionCounts;
  readonly #seen = new Float64Array(REMEMBERED);
  #lowest: number;
  #highest: number;
  #received = 0;
  #afterJump: number | undefined;

  /** `first` is the source's first packet; it counts as received. */
  constructor(first: number, counts: ReceptionCounts) {
    this.#counts = counts;
    this.#lowest = this.#highest = FIRST_CYCLE + first;
    this.#take(this.#highest);
  }

  /** The highest extended number so far. */
  get highest(): number {
    return this.#highest;
  }

  /** As receiver reports have it: how often the number has wrapped (upper 16 bits), and the highest one (RFC 3550 §6.4.1). */
  get highestSequence(): number {
    return (this.#highest - FIRST_CYCLE) >>> 0;
  }

  /** Packets of this numbering that must have been sent, from the lowest number that came to the highest. */
  get expected(): number {
    return this.#highest - this.#lowest + 1;
  }

  /** Packets of this numbering that came, each counted once. */
  get received(): number {
    return this.#received;
  }

  /** Take in a packet. After `restart` the packet of the jump has been taken in, and this one is to be noted again. */
  note(sequence: number): SequenceVerdict {
    const ahead = (sequence - this.#highest) & 0xffff;
    if (ahead < MAX_DROPOUT) return this.#noteAhead(this.#highest + ahead);
    const behind = 2 ** 16 - ahead;
    return behind < MAX_MISORDER ? this.#noteBehind(this.#highest - behind) : this.#noteJump(sequence);
  }

  #noteAhead(extended: number): SequenceVerdict {
    if (extended === this.#highest) return this.#noteDuplicate();
    this.#counts.lost_packets += extended - this.#highest - 1;
    this.#highest = extended;
    return this.#take(extended);
  }

  #noteBehind(extended: number): SequenceVerdict {
    if (this.#seen[extended % REMEMBERED] === extended) return this.#noteDuplicate();
    this.#counts.reordered += 1;
    if (extended < this.#lowest) {
      this.#counts.lost_packets += this.#lowest - extended - 1;
      this.#lowest = extended;
    } else {
      this.#counts.lost_packets -= 1;
    }
    return this.#take(extended);
  }

  #noteDuplicate(): SequenceVerdict {
    this.#counts.duplicates += 1;
    return 'duplicate';
  }

  #noteJump(sequence: number): SequenceVerdict {
    if (sequence !== this.#afterJump) {
      this.#afterJump = nextSequence(sequence);
      return 'jump';
    }
    this.#afterJump = undefined;
    this.#counts.sequence_restarts += 1;
    this.#seen.fill(0);
    this.#received = 0;
    // One below `sequence`: the packet that was told to be a jump.
    this.#lowest = this.#highest = FIRST_CYCLE + nextSequence(sequence, -1);
    this.#take(this.#highest);
    return 'restart';
  }

  #take(extended: number): number {
    this.#seen[extended % REMEMBERED] = extended;
    this.#counts.packets += 1;
    this.#received += 1;
    return extended;
  }
}
