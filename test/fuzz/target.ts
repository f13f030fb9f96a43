import type { Random } from './random.ts';
import type { Seeds } from './seeds.ts';

/** What became of an input: it was taken, or refused for one of the target's reasons. */
export const ACCEPTED = 'accepted';

/** One thing that takes bytes from outside, under fuzz. */
export interface FuzzTarget {
  /** For `--target`. */
  readonly name: string;
  /** Inputs for each of `--frames`; less than 1 for what takes long. */
  readonly share: number;
  /** Why it may refuse an input. Any other reason is a finding. */
  readonly reasons: readonly string[];
  /**
   * True: it lives on from input to input, as a daemon does, so that a finding may need all inputs before it; else each
   * input is checked by itself.
   */
  readonly remembers?: true;
  open(seeds: Seeds): OpenTarget;
}

export interface OpenTarget {
  /** A mutated input. The same for the same state of `random`. */
  make(random: Random): Uint8Array;
  /**
   * Feed the input to the code under fuzz and check all that must hold. Returns ACCEPTED or the reason of the refusal;
   * whatever it throws is a finding. Depends on nothing but the input, unless the target remembers. It must cope with
   * any bytes, as an input may come from a file.
   */
  check(input: Uint8Array): string | Promise<string>;
}

/** The members of a union of literals, as a list that the compiler holds complete. */
export const reasonsOf = <Reason extends string>(reasons: Readonly<Record<Reason, true>>): Reason[] =>
  Object.keys(reasons) as Reason[];
