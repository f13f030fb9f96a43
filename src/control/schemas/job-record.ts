import * as z from 'zod/mini';
import { JOB_KINDS } from '../../jobs/workload.ts';

const COUNT = z.int().check(z.gte(0));

export const JOB_ID = z.string().check(z.regex(/^job-[1-9][0-9]{0,14}$/));

/** What lists show of a job that is over. */
const SUMMARY = {
  job: z.string(),
  kind: z.enum(JOB_KINDS),
  title: z.string(),
  state: z.enum(['waiting', 'running', 'succeeded', 'failed', 'canceled']),
  accepted_at: z.string(),
  finished_at: z.optional(z.string()),
  attempts: COUNT,
  waited_ms: z.optional(COUNT),
  ran_ms: z.optional(COUNT),
  cpu_ms: z.optional(COUNT),
  peak_memory_bytes: z.optional(COUNT),
  error: z.optional(z.strictObject({ code: z.string(), message: z.string() })),
};

export const JOB_SUMMARY = z.object(SUMMARY);

/** The schema of `JobRecord`. */
export const JOB_RECORD = z.strictObject({
  ...SUMMARY,
  requests: z.readonly(z.array(z.string())),
  /** As the command that asked for it would have had it. */
  result: z.optional(z.unknown()),
  result_omitted: z.optional(z.literal(true)),
});
