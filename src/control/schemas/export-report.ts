import * as z from 'zod/mini';

const COUNT = z.int().check(z.gte(0));

/** The schema of `ExportReport`. */
export const EXPORT_REPORT = z.strictObject({
  to: z.string(),
  copied: COUNT,
  present: COUNT,
  failed: COUNT,
  bytes: COUNT,
  sealed: z.boolean(),
  failed_clips: z.readonly(z.array(z.strictObject({ clip: z.string(), problem: z.string() }))),
});
