import * as z from 'zod/mini';

const COUNT = z.int().check(z.gte(0));
const MILLISECONDS = z.number().check(z.gte(0));

/** The schema of `CutReport`. */
export const CUT_REPORT = z.strictObject({
  clips: z.readonly(
    z.array(
      z.strictObject({
        path: z.string(),
        start_ms: MILLISECONDS,
        duration_ms: MILLISECONDS,
        frames: COUNT,
        hidden_lead_in_ms: MILLISECONDS,
        hidden_frames: COUNT,
        audio: z.enum(['copied', 'encoded', 'none']),
        bytes: COUNT,
        cpu_ms: z.optional(MILLISECONDS),
        peak_memory_bytes: z.optional(COUNT),
        warnings: z.readonly(
          z.array(z.strictObject({ code: z.enum(['cut_short', 'input_damaged']), says: z.string() })),
        ),
      }),
    ),
  ),
  past_end: z.readonly(z.array(z.strictObject({ start_ms: MILLISECONDS }))),
  failed: z.readonly(
    z.array(
      z.strictObject({
        path: z.string(),
        code: z.string(),
        message: z.string(),
      }),
    ),
  ),
});
