import * as z from 'zod/mini';
import type { ClipQuery } from '../../catalog/clips/clip-page.ts';
import { CLIP_STATES } from '../../catalog/clips/clip-record.ts';
import { CAMERA_ID, CLIP_CLASS } from './fields.ts';
import { TRIGGER_RECORD } from './triggers.ts';

const COUNT = z.int().check(z.gte(0));
const MILLISECONDS = z.number().check(z.gte(0));
const OPTIONAL_TEXT = z.optional(z.string());

/** A clip by its name; the files of a box are named so, too. */
export const CLIP_NAME = z.string().check(z.minLength(1), z.maxLength(128));

/** `next` of the page before. */
export const CURSOR = z.string().check(z.maxLength(32));

/** Which clips are wanted. */
export const CLIP_FILTER = {
  camera: z.optional(CAMERA_ID),
  state: z.optional(z.enum(CLIP_STATES)),
  protected: z.optional(z.boolean()),
  class: z.optional(CLIP_CLASS),
  /** Started at or after, and before, ISO 8601. */
  from: z.optional(z.iso.datetime({ offset: true })),
  until: z.optional(z.iso.datetime({ offset: true })),
  cursor: z.optional(CURSOR),
  limit: z._default(z.int().check(z.gte(1), z.lte(100)), 20),
};

/** A page of clips, newest first. */
export const CLIP_PAGE = z.strictObject({
  clips: z.readonly(
    z.array(
      z.strictObject({
        clip: z.string(),
        camera: z.string(),
        state: z.enum(CLIP_STATES),
        started_at: z.string(),
        duration_ms: MILLISECONDS,
        bytes: COUNT,
        protected: z.boolean(),
        label: OPTIONAL_TEXT,
        class: OPTIONAL_TEXT,
      }),
    ),
  ),
  next: OPTIONAL_TEXT,
});

/** Everything that the catalogue has of a clip. */
export const CLIP_RECORD = z.strictObject({
  clip: z.string(),
  camera: z.string(),
  state: z.enum(CLIP_STATES),
  end: z.string(),
  file: z.string(),
  bytes: COUNT,
  protected: z.boolean(),
  started_at: z.string(),
  clock_synced: z.nullable(z.boolean()),
  class: OPTIONAL_TEXT,
  boot_id: OPTIONAL_TEXT,
  duration_ms: MILLISECONDS,
  frames: COUNT,
  pre_roll_asked_ms: z.optional(MILLISECONDS),
  pre_roll_got_ms: z.optional(MILLISECONDS),
  lost_at_most_ms: z.optional(MILLISECONDS),
  encoder: OPTIONAL_TEXT,
  encoder_reason: OPTIONAL_TEXT,
  continued_by: OPTIONAL_TEXT,
  continues: OPTIONAL_TEXT,
  label: OPTIONAL_TEXT,
  place: OPTIONAL_TEXT,
  events: OPTIONAL_TEXT,
  notes: OPTIONAL_TEXT,
  gaps: z.readonly(
    z.array(z.strictObject({ at_ms: MILLISECONDS, lost_ms: MILLISECONDS, frames: COUNT, where: z.string() })),
  ),
  memory: z.optional(
    z.strictObject({
      by: z.string(),
      cap_bytes: COUNT,
      peak_bytes: COUNT,
      held_bytes: COUNT,
      cpu_ms: z.optional(MILLISECONDS),
    }),
  ),
  detail: OPTIONAL_TEXT,
});

/** The same, and the requests that started it and made it longer. */
export const CLIP_DETAILS = z.strictObject({ ...CLIP_RECORD.shape, triggers: z.readonly(z.array(TRIGGER_RECORD)) });

type FilterArgs = z.output<z.ZodMiniObject<typeof CLIP_FILTER>>;

/** The query that the arguments of a command mean. */
export function clipQuery({ from, until, ...args }: FilterArgs & { readonly words?: string }): ClipQuery {
  const times = {
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(until !== undefined && { untilMs: Date.parse(until) }),
  };
  return { ...args, ...times } as ClipQuery; // absent keys are absent: zod leaves them out
}
