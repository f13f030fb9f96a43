import { type MonoUs, usFromMs } from '../../base/units.ts';

/** So many looks are remembered. */
const LOOKS = 10;
/** So many of them at corrupt pictures are no accident. */
const OFTEN = 3;
/** So many in a row, and no picture of the camera can be decoded. */
const BROKEN = 8;
/** The same where sound ones were among corrupt ones before: such a camera is of some use, and chance makes long rows. */
const BROKEN_THOUGH_MIXED = 30;

/** What the last looks into pictures have shown of whether these can be decoded. */
export class CorruptRecord {
  /** Whether they were corrupt, the newest last. */
  readonly #looks: boolean[] = [];
  /** The corrupt ones in a row up to now, and when the first of them came. */
  #inARow = 0;
  #since: MonoUs | undefined;
  /** Sound ones came after corrupt ones. */
  #isMixed = false;
  #isOften = false;

  clear(): void {
    this.#looks.length = 0;
    this.#forgive();
  }

  note(isCorrupt: boolean, at: MonoUs): void {
    this.#looks.push(isCorrupt);
    if (this.#looks.length > LOOKS) this.#looks.shift();
    this.#inARow = isCorrupt ? this.#inARow + 1 : 0;
    if (this.#inARow === 1) this.#since = at;
    this.#isMixed ||= !isCorrupt && this.isSuspect;
    this.#isOften ||= this.#looks.filter((corrupt) => corrupt).length >= OFTEN;
    if (!this.isSuspect) this.#forgive();
  }

  #forgive(): void {
    this.#inARow = 0;
    this.#isMixed = false;
    this.#isOften = false;
  }

  /** All are corrupt, and there are too few of them to tell what that means. */
  get isOpen(): boolean {
    return this.#inARow > 0 && this.#inARow < BROKEN && !this.#isMixed;
  }

  /** A corrupt one is among the last. */
  get isSuspect(): boolean {
    return this.#looks.includes(true);
  }

  /** Several of ten were corrupt, until ten in a row are sound. */
  get isOften(): boolean {
    return this.#isOften;
  }

  /** Nothing but corrupt ones come, and have for so long at least. */
  isBroken(now: MonoUs, afterMs: number): boolean {
    const enough = this.#isMixed ? BROKEN_THOUGH_MIXED : BROKEN;
    return this.#since !== undefined && this.#inARow >= enough && now - this.#since >= usFromMs(afterMs);
  }
}
