import type { ClipPart, ClipResult, WholeClipResult } from './clip.ts';
import { MAX_GAPS } from './gap-log.ts';
import { joinedGaps } from './joined-gaps.ts';

/** Files that are told one by one: the newest ones of a longer clip. */
const MOST_FILES = 32;

/**
 * What becomes of a clip over all its files: a file that was long enough, or whose encoder failed, is followed by another one.
 * Takes the same room however many there are.
 */
export class WholeClip {
  #told: Promise<void> = Promise.resolve();
  #sum: ClipResult | undefined;
  #files: readonly ClipPart[] = [];
  #count = 0;

  /** The next file, in order; to be called before the one before it is over. */
  add(finished: Promise<ClipResult>): void {
    const before = this.#told;
    this.#told = (async () => {
      await before;
      this.#take(await finished);
    })();
  }

  /** When no more files come. A clip of one file is told as that file. Undefined: it never had one. */
  async result(): Promise<WholeClipResult | undefined> {
    let told: Promise<void> | undefined;
    while (told !== this.#told) {
      told = this.#told;
      await told;
    }
    if (this.#sum === undefined || this.#count === 1) return this.#sum;
    return { ...this.#sum, file_count: this.#count, files: this.#files };
  }

  #take(result: ClipResult): void {
    this.#count += 1;
    this.#files = [...this.#files, partOf(result)].slice(-MOST_FILES);
    this.#sum = this.#sum === undefined ? result : joined(this.#sum, result);
  }
}

const partOf = ({ clip, path, state, end, encoder, started_at, frames, duration_ms, bytes }: ClipResult): ClipPart => ({
  ...{ clip, path, state, end, encoder, started_at, frames, duration_ms, bytes },
});

/** It begins as its first file does and ends as its last one; gaps stand where they are when its files are played one behind the other. */
function joined(sum: ClipResult, next: ClipResult): ClipResult {
  const { memory: _memory, continued_by: _continuedBy, encoder_reason: _reason, ...begun } = sum;
  const extended = (sum.extended ?? 0) + (next.extended ?? 0);
  const detail = next.detail ?? sum.detail;
  const late = next.gaps.map((gap) => ({ ...gap, at_ms: gap.at_ms + sum.duration_ms }));
  return {
    ...begun,
    ...(sum.frames === 0 && lateBeginning(sum, next)),
    path: sum.path ?? next.path,
    state: next.state === 'failed' && sum.state !== 'failed' ? 'interrupted' : next.state,
    end: next.end,
    encoder: next.encoder,
    ...(next.encoder_reason !== undefined && { encoder_reason: next.encoder_reason }),
    ...(extended > 0 && { extended }),
    frames: sum.frames + next.frames,
    duration_ms: sum.duration_ms + next.duration_ms,
    gaps: joinedGaps([...sum.gaps, ...late], MAX_GAPS),
    bytes: sum.bytes + next.bytes,
    ...(detail !== undefined && { detail }),
  };
}

/** Nothing is in the files so far; `next` was to begin where they were. */
const lateBeginning = (sum: ClipResult, next: ClipResult) => ({
  started_at: next.started_at,
  pre_roll_got_ms: Math.max(0, sum.pre_roll_asked_ms - (next.pre_roll_asked_ms - next.pre_roll_got_ms)),
});
