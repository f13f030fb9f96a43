import * as z from 'zod/mini';
import { CamboxError } from '../../base/errors.ts';
import { defineCommand } from '../command.ts';

export const jobCancel = defineCommand({
  name: 'job.cancel',
  summary: 'End a job that waits or runs; whoever asked for it is answered canceled.',
  acts: true,
  atOnce: 8,
  timeoutMs: undefined,
  args: z.strictObject({ job: z.string().check(z.regex(/^[a-z0-9-]{1,64}$/)) }),
  result: z.strictObject({ job: z.string() }),
  async run({ job }, { box }) {
    if (await box.jobs.cancel(job, 'it was canceled by job.cancel')) return { ok: true, result: { job } };
    const error = new CamboxError(
      'not_found',
      {
        verb: 'cancel',
        thing: job,
        reason: 'no job of this id waits or runs',
        remedy: 'jobs.list tells which do, job.get what became of it; a clip being recorded ends by clip.stop',
      },
      '/args/job',
    );
    return { ok: false, error };
  },
});
