import * as z from 'zod/mini';
import { CamboxError } from '../../base/errors.ts';
import { defineCommand } from '../command.ts';
import { JOB_ID, JOB_RECORD } from '../schemas/job-record.ts';

export const jobGet = defineCommand({
  name: 'job.get',
  summary: 'What became of a job: waits, runs, or is over, with its result; also of one from before a restart.',
  acts: false,
  atOnce: 8,
  timeoutMs: 5000,
  args: z.strictObject({ job: JOB_ID }),
  result: JOB_RECORD,
  async run({ job }, { box }) {
    const record = box.pastJobs.get(job);
    if (record !== undefined) return { ok: true, result: record };
    const error = new CamboxError(
      'not_found',
      {
        ...{ verb: 'find', thing: job, reason: 'there is no job of this id, or it was over too long ago' },
        remedy: 'jobs.list tells which there are; a clip being recorded is told by clip.get when it is over',
      },
      '/args/job',
    );
    return { ok: false, error };
  },
});
