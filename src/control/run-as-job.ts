import { CamboxError } from '../base/errors.ts';
import { type MonoUs, usFromMs } from '../base/units.ts';
import type { Job, JobOutcome, JobSpec } from '../jobs/job.ts';
import { goesOn } from '../jobs/refusals.ts';
import type { CommandContext, CommandOutcome } from './command.ts';

/** `in_progress` because of progress is sent at most this often. */
const LEAST_PROGRESS_MS = 1000;

/**
 * Run a job for a command: through the queue, with its states told as `in_progress`, and its outcome as the command's. It is
 * on the disk before the first of these. When the command is told to end, its job is left; one that is kept goes on, after a
 * restart, too; with `deadlineS` it is over by then, as `timed_out` at the latest. Such a command has `atOnce: 'queued'`.
 */
export async function runAsJob<Result>(
  spec: JobSpec<Result>,
  context: CommandContext,
  deadlineS?: number,
): Promise<CommandOutcome<Result>> {
  const deadlineMs = deadlineS === undefined ? spec.deadlineMs : Math.round(deadlineS * 1000);
  const job = context.box.jobs.submit({ ...spec, deadlineMs }, context.id);
  if (job instanceof CamboxError) return { ok: false, error: job };
  if (job.stored !== undefined) await job.stored;
  return await waitFor(job, spec.title, context);
}

/**
 * Wait on for a job that an earlier run of the daemon took, for a command that is resumed. Undefined: it neither waits nor
 * runs; what became of it, `box.pastJobs` tells.
 */
export async function resumeJob(id: string, context: CommandContext): Promise<CommandOutcome<unknown> | undefined> {
  const job = context.box.jobs.follow(id);
  return job && (await waitFor(job, job.view().title, context));
}

async function waitFor<Result>(job: Job<Result>, title: string, context: CommandContext): Promise<JobOutcome<Result>> {
  const { signal } = context;
  const leave = (): void => job.leave();
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  tellProgress(job, context);
  const outcome = await job.done;
  signal.removeEventListener('abort', leave);
  if (!signal.aborted || outcome.ok || outcome.result !== undefined) return outcome;
  const reason = signal.reason as CamboxError;
  const isShutdown = reason.code === 'interrupted';
  return { ok: false, error: isShutdown && job.lasting ? goesOn(title, job.id) : reason };
}

function tellProgress(job: Job<unknown>, { clock, inProgress }: CommandContext): void {
  let told: { readonly state: string; readonly at: MonoUs } | undefined;
  const tell = (): void => {
    const { state, progress } = job.view();
    const now = clock.now();
    if (told?.state === state && now - told.at < usFromMs(LEAST_PROGRESS_MS)) return;
    told = { state, at: now };
    inProgress({ progress: Math.round(progress * 100) / 100, result: { job: job.id, state } });
  };
  job.onChange(tell);
  tell();
}
