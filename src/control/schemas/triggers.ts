import * as z from 'zod/mini';
import { TRIGGER_OUTCOMES } from '../../catalog/clips/trigger-record.ts';

const MILLISECONDS = z.number().check(z.gte(0));
const OPTIONAL_TEXT = z.optional(z.string());

/** The schema of `TriggerRecord`. */
export const TRIGGER_RECORD = z.strictObject({
  at: z.string(),
  clock_synced: z.nullable(z.boolean()),
  outcome: z.enum(TRIGGER_OUTCOMES),
  camera: z.string(),
  clip: OPTIONAL_TEXT,
  request: z.string(),
  door: z.string(),
  by: OPTIONAL_TEXT,
  label: OPTIONAL_TEXT,
  class: OPTIONAL_TEXT,
  pre_asked_ms: MILLISECONDS,
  duration_asked_ms: z.optional(MILLISECONDS),
  code: OPTIONAL_TEXT,
  reason: OPTIONAL_TEXT,
});
