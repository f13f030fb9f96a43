import type { JobOutcome } from './job.ts';
import type { JobEnd } from './job-store.ts';
import type { QueuedJob } from './queued-job.ts';

/** What is kept of a job that is over. */
export function endOf({ use, runningMs }: QueuedJob, outcome: JobOutcome<unknown>): JobEnd {
  const error = outcome.ok ? undefined : outcome.error;
  const failed = error?.code === 'canceled' ? 'canceled' : 'failed';
  return {
    state: error === undefined ? 'succeeded' : failed,
    error,
    result: outcome.result,
    ...use,
    ranMs: runningMs,
  };
}
