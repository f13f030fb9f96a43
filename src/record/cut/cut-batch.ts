import { dirname } from 'node:path';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { JobContext } from '../../jobs/job.ts';
import { copyCutArguments, exactCutArguments } from '../ffmpeg/cut-arguments.ts';
import { type FfmpegRunDeps, type FfmpegUse, runFfmpegJob } from '../ffmpeg/ffmpeg-job.ts';
import type { ShownPart } from '../media/shown-part.ts';
import { ensureWritableDirectory } from '../record-directory.ts';
import { WholeFile } from '../whole-file.ts';
import { cutInput } from './cut-input.ts';
import type { ClipOrder, CutClip, CutOrder } from './cut-order.ts';
import { betterPlace, type CutPlace, placeOf } from './cut-places.ts';
import { describeClip } from './describe-clip.ts';
import { finishClip } from './finish-clip.ts';
import type { InputFacts } from './input-facts.ts';

export interface CutDeps extends FfmpegRunDeps {
  /** The program. */
  readonly ffmpeg: string;
}

/** How one clip went. */
export type CutOutcome =
  | { readonly order: ClipOrder; readonly ok: true; readonly clip: CutClip }
  | { readonly order: ClipOrder; readonly ok: false; readonly error: CamboxError };

/** A clip on its way. */
interface Draft {
  readonly order: ClipOrder;
  readonly file: WholeFile;
  readonly place: CutPlace;
}

/** Clips that are made by one ffmpeg, or when that goes wrong, by one each. */
export class CutBatch {
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

  /** What went wrong with one clip is its outcome; what would go wrong with every other is thrown: see `runCut`. */
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
      await file.claim();
      return { order, file, place: placeOf(order.range, this.#order.facts) };
    } catch (thrown) {
      const failure = asCamboxError(thrown, 'cut into', order.path);
      if (failure.code === 'conflict') return failure;
      throw failure;
    }
  }

  async #make(drafts: readonly Draft[], from = 0, share = 1): Promise<CutOutcome[]> {
    const outcomes: CutOutcome[] = [];
    const use = await this.#tryFfmpeg(drafts, (part) => this.#context.progress(from + part * share));
    const each = share / drafts.length;
    for (const [i, draft] of drafts.entries()) {
      if (!(use instanceof CamboxError)) outcomes.push(await this.#finish(draft, use, drafts.length));
      else if (drafts.length > 1) outcomes.push(...(await this.#make([draft], from + i * each, each)));
      else outcomes.push({ order: draft.order, ok: false, error: use });
    }
    this.#context.progress(from + share);
    return outcomes;
  }

  /** Look at what ffmpeg made of it, and have it made again as long as that helps. */
  async #finish(draft: Draft, firstUse: FfmpegUse, sharers: number): Promise<CutOutcome> {
    const { order, file } = draft;
    const { facts, encoding, input } = this.#order;
    const isCopy = encoding.accuracy === 'copy';
    let [place, use, before] = [draft.place, firstUse, undefined as ShownPart | undefined];
    let shown = await finishClip(file, isCopy ? place.durationUs : undefined);
    for (;;) {
      const better = betterPlace({ place, shown, before }, facts, isCopy);
      if (better === undefined) break;
      const again = await this.#tryFfmpeg([{ ...draft, place: better }], () => undefined);
      if (again instanceof CamboxError) return { order, ok: false, error: again };
      [place, use, before] = [better, again, shown];
      shown = await finishClip(file, isCopy ? place.durationUs : undefined);
    }
    if (shown === undefined) return { order, ok: false, error: nothingThere(input, order, facts, use) };
    const bytes = await file.publish();
    const untilUs = place.seekUs - draft.place.seekUs + Math.round((shown.lateMs + shown.durationMs) * 1000);
    return { order, ok: true, clip: describeClip({ order, shown, untilUs, bytes, use, sharers }, facts) };
  }

  /** What ffmpeg says against these clips is returned, not thrown. */
  async #tryFfmpeg(drafts: readonly Draft[], progress: JobContext['progress']): Promise<FfmpegUse | CamboxError> {
    const { input, facts, encoding } = this.#order;
    const outputs = drafts.map(({ order, file, place }) => ({
      ...{ ...place, path: file.partial },
      ...(order.tags && { tags: order.tags }),
    }));
    const args =
      encoding.accuracy === 'copy'
        ? copyCutArguments(cutInput(input, facts), outputs)
        : exactCutArguments(cutInput(input, facts), outputs[0]!, { ...encoding, size: facts.video.size });
    const outputMs = Math.max(...drafts.map(({ order }) => order.range.durationUs)) / 1000;
    const run = { kind: 'cut', title: `cut of ${input}`, program: this.#deps.ffmpeg, args, outputMs } as const;
    try {
      return await runFfmpegJob(run, { ...this.#context, progress }, this.#deps);
    } catch (thrown) {
      const failure = asCamboxError(thrown, 'cut', input);
      if (failure.code === 'child_failed') return failure;
      throw failure;
    }
  }
}

/** A range may lie between two pictures; one that does not should have some. */
const NO_PICTURE_FRAMES = 1.5;

function nothingThere(input: string, { range }: ClipOrder, { video }: InputFacts, { damage }: FfmpegUse): CamboxError {
  const failed = { verb: 'cut', thing: input } as const;
  const where = `from ${range.startUs / 1e6} s on for ${range.durationUs / 1e6} s`;
  if (damage === '' && range.durationUs < NO_PICTURE_FRAMES * video.frameUs) {
    const reason = `no picture begins in it ${where}; one is shown for ${Math.round(video.frameUs) / 1e6} s`;
    return new CamboxError('bad_argument', { ...failed, reason, remedy: 'Ask for a longer part' });
  }
  const reason = `ffmpeg finds no picture in it ${where}`;
  return new CamboxError('bad_input', {
    ...failed,
    reason: damage === '' ? reason : `${reason}: the file is damaged (${damage})`,
    remedy: 'Is the file whole? Try: ffmpeg -v error -i FILE -f null -',
  });
}
