import {
  type Actions,
  action,
  countOf,
  END_OF_BLOCK,
  LOOK_BITS,
  type SymbolTable,
  sizeOf,
  stepOf,
  takenOf,
} from './symbol-table.ts';

/** What the writer takes at once. Fewer than 64 coefficients fit in: sixteen zeroes take 10 bits or more. */
const MAX_COUNT = 31;
const BLOCK_COEFFICIENTS = 64;
const ALL_LOOKS = (1 << LOOK_BITS) - 1;

/**
 * Actions by the next LOOK_BITS bits that do several symbols at once: the first of one table, the others of another (a
 * block's DC is followed by AC symbols, these by each other). A fine picture has 4 to 5 bits a symbol, so that most looks
 * settle two, and an even chroma block takes one look.
 *
 * A run of symbols ends with EOB, or has fewer than 64 coefficients. Whether these are too many where the run is met,
 * only the loop over the block knows: see `isWithinBlock`.
 */
export function symbolRuns(first: SymbolTable, rest: SymbolTable): Actions {
  const runs = new Int32Array(first.byLook);
  for (let look = 0; look <= ALL_LOOKS; look++) extendRun(runs, look, rest.byLook);
  return runs;
}

function extendRun(runs: Actions, look: number, byLook: Actions): void {
  let run = runs[2 * look]!;
  let bits = runs[2 * look + 1]!;
  while (run !== 0 && stepOf(run) < END_OF_BLOCK && takenOf(run) < LOOK_BITS) {
    const taken = takenOf(run);
    const rest = (look << taken) & ALL_LOOKS;
    const next = byLook[2 * rest]!;
    if (!canFollow(run, next)) break;
    // The value of the symbol before lies within the look: from now on it is part of the bits.
    bits |= (look >>> (LOOK_BITS - taken)) & ((1 << sizeOf(run)) - 1);
    bits = (bits << countOf(next)) | byLook[2 * rest + 1]!;
    run = action(stepOf(run) + stepOf(next), countOf(run) + countOf(next), sizeOf(next), taken + takenOf(next));
  }
  runs[2 * look] = run;
  runs[2 * look + 1] = bits;
}

/** Whether its code lies within the look (the value may go beyond it), and the writer takes both. */
function canFollow(run: number, next: number): boolean {
  const codeLength = takenOf(next) - sizeOf(next);
  return next !== 0 && takenOf(run) + codeLength <= LOOK_BITS && countOf(run) + countOf(next) <= MAX_COUNT;
}

/**
 * Whether all symbols of a run belong to the block, when `k` is the sum of the coefficients before (0 to 63) and of the
 * run's steps. It may be 63 at most (with 64 the block is full, perhaps before the last symbol), with EOB 128 more, and
 * cannot be 256: so bit 6 tells.
 */
export const isWithinBlock = (k: number): boolean => (k & BLOCK_COEFFICIENTS) === 0;
