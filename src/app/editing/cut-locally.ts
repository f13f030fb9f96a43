import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { inGroups } from '../../base/in-groups.ts';
import type { CutOutcome } from '../../record/cut/cut-batch.ts';
import { cutEncoding } from '../../record/cut/cut-encoding.ts';
import { assertCopies } from '../../record/cut/cut-input.ts';
import { BATCH, runCut } from '../../record/cut/cut-job.ts';
import { clipNames } from '../../record/cut/cut-names.ts';
import type { Accuracy, ClipOrder } from '../../record/cut/cut-order.ts';
import { isThere, orderClips, type WantedRanges } from '../../record/cut/cut-report.ts';
import { findInput } from '../../record/cut/find-input.ts';
import { LocalJobs } from '../jobs/local-jobs.ts';
import { ensureOut } from './ensure-out.ts';

export interface LocalCut {
  readonly input: string;
  /** Clips of this length, one behind the other, or these. */
  readonly ranges: WantedRanges;
  readonly out: string;
  readonly accuracy: Accuracy;
  readonly crf: number;
  /** At a time; undefined: as many as there are cores, three at most. */
  readonly jobs: number | undefined;
  readonly memoryMb: number;
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

export interface LocalCutDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What part is done, 0 to 1. */
  onProgress(share: number, clips: number, of: number): void;
}

/** A range, and what became of it; `past_end`: the file has nothing there. */
export type LocalCutOutcome =
  | CutOutcome
  | { readonly order: ClipOrder; readonly ok: false; readonly error: undefined; readonly fault: 'past_end' };

/** More at a time only wait for the disk. */
const MOST_JOBS = 3;

/**
 * Cut a file without the daemon, under `memoryMb` for all. Returns what became of each range, in their order; what went
 * wrong with all of them is thrown: see `findInput`, `assertCopies`, `findFfmpeg`.
 */
export async function cutLocally(cut: LocalCut, deps: LocalCutDeps): Promise<LocalCutOutcome[]> {
  const input = resolve(cut.input);
  const facts = await findInput(cut.ffprobe, input, 'cut');
  assertCopies(facts, cut.accuracy, input);
  const nameOf = (i: number, of: number): string => join(resolve(cut.out), clipNames(input, of)[i]!);
  const clips = orderClips(cut.ranges, facts.video, nameOf);
  await ensureOut(cut.out, 'cut into');
  const wanted = clips.filter(isThere);
  const encoding = await cutEncoding(cut.accuracy, cut.crf, cut.ffmpeg);
  const jobs = cut.jobs ?? Math.min(MOST_JOBS, availableParallelism());
  const outcomes = new Map<ClipOrder, CutOutcome>();
  const { signal, clock } = deps;
  await using local = LocalJobs.open({ memoryMb: cut.memoryMb, jobs, signal, clock });
  const specs = inGroups(wanted, cut.accuracy === 'exact' ? 1 : Math.min(BATCH, Math.ceil(wanted.length / jobs)));
  const done = await local.runAll(
    specs.map((group) => ({
      workload: {
        kind: 'cut',
        encoder: cut.accuracy === 'exact' ? 'libx264' : 'copy',
        ...facts.video.size,
        threads: 1,
      },
      title: `the cut of ${input}`,
      run: (context) => {
        const order = {
          input,
          facts,
          encoding,
          clips: group.filter((clip) => !outcomes.has(clip)),
        };
        const tell = (outcome: CutOutcome): void => void outcomes.set(outcome.order, outcome);
        return runCut(order, context, { ffmpeg: cut.ffmpeg, caps: local.caps, clock }, tell);
      },
    })),
    (share) => deps.onProgress(share, outcomes.size, wanted.length),
  );
  done.forEach((outcome, i) => {
    if (outcome.ok) return;
    for (const order of specs[i]!) if (!outcomes.has(order)) outcomes.set(order, { order, ...outcome });
  });
  return clips.map((order) => outcomes.get(order) ?? { order, ok: false, error: undefined, fault: 'past_end' });
}
