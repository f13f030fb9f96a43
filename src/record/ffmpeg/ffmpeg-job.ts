import { CamboxError } from '../../base/errors.ts';
import type { JobContext } from '../../jobs/job.ts';
import type { QueuedKind } from '../../jobs/workload.ts';
import { type JobChildDeps, type JobChildExit, runJobChild } from '../child/job-child.ts';
import { lastWords } from '../child/run-program.ts';
import { namesFullDisk } from '../disk-words.ts';
import { describeKill } from '../memory/describe-kill.ts';
import type { MemoryUse } from '../memory/memory-caps.ts';
import { PROGRESS_OPTIONS, ProgressReader } from './ffmpeg-progress.ts';
import { complaints, damage, peakResidentBytes } from './ffmpeg-words.ts';

/** One run of ffmpeg from files into files. */
export interface FfmpegRun {
  readonly kind: QueuedKind;
  /** For people, in errors: `cut …/a.mp4`. */
  readonly title: string;
  readonly program: string;
  /** Without what tells its progress. It must not read stdin. */
  readonly args: readonly string[];
  /** How long the output will be: progress is counted against it. */
  readonly outputMs: number;
}

/** What a run came to. */
export interface FfmpegUse extends MemoryUse {
  /** All that was resident, libraries included; undefined when it was not asked for (`MEASURED`). */
  readonly residentBytes: number | undefined;
  /** What it said of an input that is damaged, and went on; empty when it is not. */
  readonly damage: string;
}

export type FfmpegRunDeps = JobChildDeps;

/** ffmpeg that has written nothing more for so long hangs: on its input, on the disk, or stopped. */
const STALLED_MS = 30_000;

/**
 * Run ffmpeg for a job: under the job's cap, with its progress, and ended when the job is. Returns what it needed, which is
 * also learned. Throws the reason of `context.signal`; `resource_limit` (killed for its memory), `disk_full`, `timed_out`
 * (it stood still for 30 s), `missing_program`, `child_failed` with ffmpeg's last words.
 */
export async function runFfmpegJob(run: FfmpegRun, context: JobContext, deps: FfmpegRunDeps): Promise<FfmpegUse> {
  const reader = new ProgressReader();
  let seen = '';
  let watchForStall: () => void = () => undefined;
  let cancelStall: () => void = () => undefined;
  const exit = await runJobChild(
    {
      ...{ kind: run.kind, program: run.program, args: [...PROGRESS_OPTIONS, ...run.args] },
      onOutput(chunk) {
        const progress = reader.push(chunk);
        if (progress === undefined) return;
        context.progress(progress.outTimeUs / 1000 / run.outputMs);
        const now = `${progress.outTimeUs} ${progress.totalBytes}`;
        if (now !== seen) watchForStall();
        seen = now;
      },
      onStart(child) {
        watchForStall = () => {
          cancelStall();
          cancelStall = deps.clock.after(STALLED_MS, () => void child.stop(STALLED));
        };
        watchForStall();
      },
    },
    context,
    deps,
  ).finally(() => cancelStall());
  const failure = failureOf(run, exit);
  if (failure !== undefined) throw failure;
  context.progress(1);
  const { memory, cpuMs, stderr } = exit;
  return {
    ...memory,
    cpuMs,
    residentBytes: peakResidentBytes(stderr),
    damage: lastWords(damage(stderr)),
  };
}

const STALLED = 'stalled';

function failureOf({ title, program }: FfmpegRun, exit: JobChildExit): CamboxError | undefined {
  const failed = { verb: 'finish', thing: title } as const;
  const { endReason } = exit;
  const kill = describeKill(exit.memory);
  if (kill !== undefined) {
    const remedy = 'The next one of its kind is given more; smaller pictures need less';
    return new CamboxError('resource_limit', { ...failed, reason: `${program} broke off: ${kill}`, remedy });
  }
  if (endReason === STALLED) {
    return new CamboxError('timed_out', { ...failed, reason: `${program} stood still for ${STALLED_MS / 1000} s` });
  }
  // ffmpeg 5.1 ends with 0 when the disk is full as late as at the file's index
  if (exit.code === 0 && !namesFullDisk(exit.stderr)) return undefined;
  const reason = lastWords(complaints(exit.stderr)) || `${program} ended with ${exit.signal ?? exit.code}`;
  return new CamboxError(namesFullDisk(exit.stderr) ? 'disk_full' : 'child_failed', { ...failed, reason });
}
