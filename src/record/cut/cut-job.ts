import { dirname } from 'node:path';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { JobContext } from '../../jobs/job.ts';
import { copyCutArguments, exactCutArguments } from '../ffmpeg/cut-arguments.ts';
import { type FfmpegRunDeps, type FfmpegUse, runFfmpegJob } from '../ffmpeg/ffmpeg-job.ts';
import type { ShownPart } from '../media/shown-part.ts';
import { ensureWritableDirectory } from '../record-directory.ts';
import { WholeFile } from '../whole-file.ts';
import { audioOf, cutInput } from './cut-input.ts';
import type { ClipOrder, CutClip, CutOrder } from './cut-order.ts';
import { firstLeadUs, lateKeyFrame, laterPlace, mayHaveMissed, nextLeadUs, placeOf } from './cut-places.ts';
import { finishClip } from './finish-clip.ts';

export interface CutDeps extends FfmpegRunDeps {
  /** The program. */
  readonly ffmpeg: string;
}

/** How one clip went. */
export type CutOutcome =
  | { readonly order: ClipOrder; readonly ok: true; readonly clip: CutClip }
  | { readonly order: ClipOrder; readonly ok: false; readonly error: CamboxError };

/** So many clips are copied by one ffmpeg: starting it costs more than copying one. */
const BATCH = 6;
/** Each clip of a batch has the input open, with an index of some 50 bytes a picture. */
const BATCHED_FRAMES = 150_000;

/**
 * Cut clips out of a file, one ffmpeg after the other. Tells each clip when it is whole in its place, or failed. Throws what
 * concerns all that are left: the reason of `context.signal`, `resource_limit`, `disk_full`, `not_writable`,
 * `missing_program`. Nothing half-written stays behind.
 */
export async function runCut(
  order: CutOrder,
  context: JobContext,
  deps: CutDeps,
  tell: (outcome: CutOutcome) => void,
): Promise<void> {
  const lengthUs = (clips: readonly ClipOrder[]): number => clips.reduce((sum, { range }) => sum + range.durationUs, 0);
  const totalUs = lengthUs(order.clips);
  let doneUs = 0;
  for (const batch of batches(order)) {
    const share = (part: number): void => context.progress((doneUs + part * lengthUs(batch)) / totalUs);
    for (const outcome of await new Batch(order, batch, within(context, share), deps).run()) tell(outcome);
    doneUs += lengthUs(batch);
  }
}

function batches({ clips, encoding, facts }: CutOrder): ClipOrder[][] {
  const frames = (facts.video.durationUs ?? 0) / facts.video.frameUs;
  const most = encoding.accuracy === 'exact' ? 1 : Math.max(1, Math.min(BATCH, Math.floor(BATCHED_FRAMES / frames)));
  return Array.from({ length: Math.ceil(clips.length / most) }, (_, i) => clips.slice(i * most, (i + 1) * most));
}

const within = (context: JobContext, progress: (share: number) => void): JobContext => ({
  id: context.id,
  signal: context.signal,
  capBytes: context.capBytes,
  learn: (use) => context.learn(use),
  progress,
});

/** A clip on its way. */
interface Draft {
  readonly order: ClipOrder;
  readonly file: WholeFile;
  readonly leadUs: number;
  /** Where its first picture was found to stand behind the wanted place, which is a key frame. */
  readonly lateUs?: number;
}

/** Clips that are made by one ffmpeg, or when that goes wrong, by one each. */
class Batch {
  readonly #order: CutOrder;
  readonly #clips: readonly ClipOrder[];
  readonly #context: JobContext;
  readonly #deps: CutDeps;

  constructor(order: CutOrder, clips: readonly ClipOrder[], context: JobContext, deps: CutDeps) {
    this.#order = order;
    this.#clips = clips;
    this.#context = context;
    this.#deps = deps;
  }

  async run(): Promise<CutOutcome[]> {
    const drafts: Draft[] = [];
    const outcomes: CutOutcome[] = [];
    try {
      for (const order of this.#clips) {
        const draft = await this.#claim(order);
        if (draft instanceof CamboxError) outcomes.push({ order, ok: false, error: draft });
        else drafts.push(draft);
      }
      if (drafts.length > 0) outcomes.push(...(await this.#make(drafts)));
      return outcomes;
    } finally {
      await Promise.all(drafts.map(({ file }) => file.discard()));
    }
  }

  async #claim(order: ClipOrder): Promise<Draft | CamboxError> {
    const file = new WholeFile(order.path, 'cut into');
    try {
      await ensureWritableDirectory(dirname(order.path));
      await file.claim({ overLeftover: this.#order.overLeftovers });
      return { order, file, leadUs: firstLeadUs(this.#order.facts.format) };
    } catch (thrown) {
      const failure = asCamboxError(thrown, 'cut into', order.path);
      if (failure.code === 'conflict') return failure;
      throw failure;
    }
  }

  async #make(drafts: readonly Draft[]): Promise<CutOutcome[]> {
    let use: FfmpegUse;
    try {
      use = await this.#ffmpeg(drafts);
    } catch (thrown) {
      const failure = asCamboxError(thrown, 'cut', this.#order.input);
      if (failure.code !== 'child_failed') throw failure;
      const [only, ...others] = drafts;
      if (only !== undefined && others.length === 0) return [{ order: only.order, ok: false, error: failure }];
      return await this.#makeEach(drafts);
    }
    const outcomes: CutOutcome[] = [];
    for (const draft of drafts) outcomes.push(await this.#finish(draft, use, drafts));
    return outcomes;
  }

  async #makeEach(drafts: readonly Draft[]): Promise<CutOutcome[]> {
    const outcomes: CutOutcome[] = [];
    for (const draft of drafts) outcomes.push(...(await this.#make([draft])));
    return outcomes;
  }

  /** A clip whose first pictures were missed by the seek is made again, from further back. */
  async #finish(draft: Draft, use: FfmpegUse, made: readonly Draft[], before?: ShownPart): Promise<CutOutcome> {
    const { order, file, leadUs } = draft;
    const { facts, encoding } = this.#order;
    const isCopy = encoding.accuracy === 'copy';
    const { lateUs } = draft;
    const place = lateUs === undefined ? placeOf(order.range, facts) : laterPlace(order.range, facts, lateUs);
    const shown = await finishClip(file, { durationUs: isCopy ? place.durationUs : undefined });
    const more = nextLeadUs(leadUs, place.seekUs);
    const isLate = shown === undefined || mayHaveMissed(shown.lateMs, facts);
    const gained = before === undefined || shown === undefined || shown.lateMs < before.lateMs;
    if (isLate && more !== undefined && gained) {
      const again = { ...draft, leadUs: more };
      try {
        return await this.#finish(again, await this.#ffmpeg([again]), [again], shown);
      } catch (thrown) {
        const failure = asCamboxError(thrown, 'cut', this.#order.input);
        if (failure.code !== 'child_failed') throw failure;
        return { order, ok: false, error: failure };
      }
    }
    const late = isCopy && draft.lateUs === undefined ? lateKeyFrame(shown, facts) : undefined;
    if (late !== undefined) {
      const again = { ...draft, lateUs: late };
      return await this.#finish(again, await this.#ffmpeg([again]), [again], shown);
    }
    if (shown === undefined) return { order, ok: false, error: this.#nothingThere(order) };
    const bytes = await file.publish();
    return { order, ok: true, clip: this.#describe(order, shown, bytes, use, made) };
  }

  #ffmpeg(drafts: readonly Draft[]): Promise<FfmpegUse> {
    const { input, facts, encoding } = this.#order;
    const outputs = drafts.map(({ order, file, leadUs, lateUs }) => ({
      ...(lateUs === undefined ? { ...placeOf(order.range, facts), leadUs } : laterPlace(order.range, facts, lateUs)),
      path: file.partial,
    }));
    const args =
      encoding.accuracy === 'copy'
        ? copyCutArguments(cutInput(input, facts), outputs)
        : exactCutArguments(cutInput(input, facts), outputs[0]!, { ...encoding, size: facts.video.size });
    const outputMs = Math.max(...drafts.map(({ order }) => order.range.durationUs)) / 1000;
    const run = { kind: 'cut', title: `cut of ${input}`, program: this.#deps.ffmpeg, args, outputMs } as const;
    return runFfmpegJob(run, this.#context, this.#deps);
  }

  #describe(
    { path, range }: ClipOrder,
    shown: ShownPart,
    bytes: number,
    { cpuMs, residentBytes, damage }: FfmpegUse,
    made: readonly Draft[],
  ): CutClip {
    const frameMs = this.#order.facts.video.frameUs / 1000;
    const isLate = shown.lateMs > 2 * frameMs;
    return {
      path,
      start_ms: range.startUs / 1000,
      duration_ms: shown.durationMs,
      frames: shown.frames,
      hidden_lead_in_ms: shown.hiddenMs,
      hidden_frames: shown.hiddenFrames,
      audio: audioOf(this.#order.facts),
      bytes,
      ...(cpuMs !== undefined && { cpu_ms: Math.round(cpuMs / made.length) }),
      ...(residentBytes !== undefined && { peak_memory_bytes: residentBytes }),
      warnings: [
        ...(range.warning === 'cut_short' ? [cutShort(range.asked.durationUs ?? 0, range.durationUs)] : []),
        ...(isLate ? [{ code: 'starts_late', says: `its first picture comes after ${shown.lateMs} ms` } as const] : []),
        ...(damage === '' ? [] : [{ code: 'input_damaged', says: `the file is damaged: ${damage}` } as const]),
      ],
    };
  }

  #nothingThere({ range }: ClipOrder): CamboxError {
    return new CamboxError('bad_input', {
      verb: 'cut',
      thing: this.#order.input,
      reason: `ffmpeg finds no picture in it from ${range.startUs / 1e6} s on for ${range.durationUs / 1e6} s`,
      remedy: 'Is the file whole? Try: ffmpeg -v error -i FILE -f null -',
    });
  }
}

const cutShort = (askedUs: number, gotUs: number) =>
  ({ code: 'cut_short', says: `the file ends ${(askedUs - gotUs) / 1e6} s too early for it` }) as const;
