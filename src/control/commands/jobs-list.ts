import * as z from 'zod/mini';
import type { JobRecord } from '../../jobs/job-record.ts';
import { JOB_KINDS } from '../../jobs/workload.ts';
import { defineCommand } from '../command.ts';
import { JOB_ID, JOB_SUMMARY } from '../schemas/job-record.ts';

const COUNT = z.int().check(z.gte(0));

export const jobsList = defineCommand({
  name: 'jobs.list',
  summary:
    'What is done with ffmpeg: clips being recorded, jobs that run, jobs that wait, in the order of starting; and jobs that are over.',
  acts: false,
  atOnce: 4,
  timeoutMs: undefined,
  args: z.strictObject({
    kind: z.optional(z.enum(JOB_KINDS)),
    /** Those that are over, too, the newest first. */
    finished: z._default(z.boolean(), false),
    /** Of those that are over, the ones accepted before this job. */
    before: z.optional(JOB_ID),
    limit: z._default(z.int().check(z.gte(1), z.lte(200)), 50),
  }),
  result: z.strictObject({
    jobs: z.array(
      z.strictObject({
        job: z.string(),
        kind: z.enum(JOB_KINDS),
        title: z.string(),
        state: z.enum(['waiting', 'running']),
        progress: z.number().check(z.gte(0), z.lte(1)),
        age_ms: COUNT,
        running_ms: COUNT,
        memory_bytes: COUNT,
        requesters: COUNT,
      }),
    ),
    /** All there are, those past the limit included. */
    total: COUNT,
    finished: z.optional(z.array(JOB_SUMMARY)),
  }),
  async run({ kind, limit, before, finished }, { box }) {
    const jobs = box.jobs.list().filter((job) => kind === undefined || job.kind === kind);
    const query = { limit, ...(kind && { kind }), ...(before && { before }) };
    const over = finished ? { finished: box.pastJobs.finished(query).map(summaryOf) } : {};
    return { ok: true, result: { jobs: jobs.slice(0, limit), total: jobs.length, ...over } };
  },
});

const summaryOf = ({ requests: _, result: __, result_omitted: ___, ...summary }: JobRecord) => summary;
