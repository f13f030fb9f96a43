import * as z from 'zod/mini';
import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { JobRow } from '../../catalog/state/job-table.ts';
import type { JobContext, JobSpec } from '../../jobs/job.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import type { JobEnd } from '../../jobs/job-store.ts';
import { QUEUED_KINDS } from '../../jobs/workload.ts';
import type { JobLedger } from './job-ledger.ts';
import { JOB_ORDER, type JobOrder } from './job-orders.ts';
import { ageMs } from './moment.ts';
import { jobName, jsonOf } from './record-of-job.ts';

/** A job that was running at the crash runs again, so often: it may have been the reason. */
export const MOST_ATTEMPTS = 3;

const COUNT = z.int().check(z.gte(1));
const WORKLOAD = z.strictObject({
  ...{ kind: z.enum(QUEUED_KINDS), encoder: z.string() },
  ...{ width: COUNT, height: COUNT, threads: COUNT },
});

export interface RestoreDeps {
  readonly ledger: JobLedger;
  readonly queue: JobQueue;
  readonly logger: Logger;
  /** See `StoredClipEditor.remake`. */
  remake(order: JobOrder): Promise<JobSpec<unknown>>;
}

/**
 * Queue what earlier runs of the daemon have not finished, in the order in which it was accepted. One that cannot be read is
 * dropped and logged. One that was running at each of the last crashes fails as `interrupted` when the returned function is
 * called: there is somebody to be told then. Neither throws.
 */
export async function restoreJobs({ ledger, queue, logger, remake }: RestoreDeps): Promise<() => Promise<void>> {
  const rows = await ledger.write('read jobs of', () => ledger.table.open());
  const hopeless: { readonly id: string; readonly end: JobEnd }[] = [];
  const jobs: Parameters<JobQueue['restore']>[0][number][] = [];
  for (const row of rows ?? []) {
    const id = jobName(row.id);
    const spec = specOf(row, remake);
    if (typeof spec === 'string') {
      logger.error('job_dropped', { job: id, title: row.title, problem: spec });
      await ledger.drop(row.id);
    } else if (row.state === 'running' && row.attempts >= MOST_ATTEMPTS) {
      hopeless.push({ id, end: { ...NOTHING_USED, state: 'failed', error: gaveUp(spec.title, row.attempts) } });
    } else {
      const accepted = { boot: row.accepted_boot, wallMs: row.accepted_ms, monoMs: row.accepted_mono_ms };
      jobs.push({ ...spec, id, attempts: row.attempts, ageMs: ageMs(accepted, ledger.now()) });
    }
  }
  if (jobs.length > 0) logger.info('jobs_restored', { jobs: jobs.map(({ id }) => id) });
  queue.restore(jobs);
  return async () => {
    for (const { id, end } of hopeless) await ledger.finish(id, end);
  };
}

const NOTHING_USED = { result: undefined, cpuMs: undefined, peakBytes: undefined, ranMs: 0 };

const gaveUp = (title: string, attempts: number): CamboxError =>
  new CamboxError('interrupted', {
    ...{ verb: 'finish', thing: title },
    reason: `the service or the machine went down each of the ${attempts} times that it ran`,
    remedy: 'Look into the log for why; then send it again',
  });

/** Why there is none, when the row cannot be what we have written. */
function specOf(row: JobRow, remake: RestoreDeps['remake']): JobSpec<unknown> | string {
  const order = z.safeParse(JOB_ORDER, jsonOf(row.order ?? ''));
  const workload = z.safeParse(WORKLOAD, jsonOf(row.workload));
  if (!order.success) return `its order cannot be read: ${order.error.issues[0]?.path.join('/')}`;
  if (!workload.success) return `its workload cannot be read: ${workload.error.issues[0]?.path.join('/')}`;
  let made: JobSpec<unknown> | undefined;
  return {
    workload: workload.data,
    title: row.title,
    key: row.key ?? undefined,
    deadlineMs: row.deadline_ms ?? undefined,
    order: order.data,
    run: async (context: JobContext) => {
      made = await remake(order.data);
      return await made.run(context);
    },
    fault: (result) => made?.fault?.(result),
  };
}
