import { CamboxError } from '../base/errors.ts';
import { type MonoUs, usFromMs } from '../base/units.ts';
import type { Job, JobSpec } from '../jobs/job.ts';
import type { CommandContext, CommandOutcome } from './command.ts';

/** `in_progress` because of progress is sent at most this often. */
const LEAST_PROGRESS_MS = 1000;

/**
 * Run a job for a command: through the queue, with its states told as `in_progress`, and its outcome as the command's.
 * When the command is told to end, its job is left. Such a command has `atOnce: 'queued'`.
 */
export async function runAsJob<Result>(
  spec: JobSpec<Result>,
  context: CommandContext,
): Promise<CommandOutcome<Result>> {
  const job = context.box.jobs.submit(spec);
  if (job instanceof CamboxError) return { ok: false, error: job };
  const { signal } = context;
  const leave = (): void => job.leave();
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  tellProgress(job, context);
  const outcome = await job.done;
  signal.removeEventListener('abort', leave);
  return signal.aborted && !outcome.ok ? { ok: false, error: signal.reason as CamboxError } : outcome;
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
