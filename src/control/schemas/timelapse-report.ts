import * as z from 'zod/mini';

const COUNT = z.int().check(z.gte(0));
const MILLISECONDS = z.number().check(z.gte(0));

/** The schema of `TimelapseReport`. */
export const TIMELAPSE_REPORT = z.strictObject({
  path: z.string(),
  frames: COUNT,
  duration_ms: MILLISECONDS,
  width: COUNT,
  height: COUNT,
  used: COUNT,
  unreadable: COUNT,
  unreadable_files: z.readonly(z.array(z.strictObject({ path: z.string(), reason: z.string() }))),
  bytes: COUNT,
  cpu_ms: z.optional(MILLISECONDS),
  peak_memory_bytes: z.optional(COUNT),
});
