import * as z from 'zod/mini';
import { ENCODER_NAMES } from '../../base/encoder-names.ts';

const COUNT = z.int().check(z.gte(0));
const MILLISECONDS = z.number().check(z.gte(0));

/** The schema of `ClipResult`: what commands answer, and what a clip's file says of itself. The assignments in `clip.start` and `readClipMetadata` hold the two together. */
export const CLIP_RESULT = z.strictObject({
  clip: z.string(),
  camera: z.string(),
  label: z.optional(z.string()),
  class: z.optional(z.string()),
  state: z.enum(['ready', 'interrupted', 'failed']),
  end: z.enum([
    'duration',
    'stopped',
    'max_length',
    'shutdown',
    'camera_lost',
    'ffmpeg_failed',
    'out_of_memory',
    'disk_failed',
    'disk_full',
    'no_frames',
    'power_cut',
    'crashed',
  ]),
  path: z.nullable(z.string()),
  encoder: z.enum(ENCODER_NAMES),
  encoder_reason: z.optional(z.string()),
  continued_by: z.optional(z.string()),
  continues: z.optional(z.string()),
  extended: z.optional(COUNT),
  frames: COUNT,
  duration_ms: MILLISECONDS,
  pre_roll_asked_ms: MILLISECONDS,
  pre_roll_got_ms: MILLISECONDS,
  gaps: z.readonly(
    z.array(
      z.strictObject({
        at_ms: MILLISECONDS,
        lost_ms: MILLISECONDS,
        frames: COUNT,
        where: z.enum(['source', 'queue']),
      }),
    ),
  ),
  bytes: COUNT,
  started_at: z.string(),
  lost_at_most_ms: z.optional(MILLISECONDS),
  memory: z.optional(
    z.strictObject({
      by: z.enum(['cgroup', 'rss_poll']),
      cap_bytes: COUNT,
      peak_bytes: COUNT,
      held_bytes: COUNT,
      cpu_ms: z.optional(MILLISECONDS),
    }),
  ),
  detail: z.optional(z.string()),
});

const FILE = z.pick(CLIP_RESULT, {
  ...{ clip: true, path: true, state: true, end: true, encoder: true },
  ...{ started_at: true, frames: true, duration_ms: true, bytes: true },
});

/** The schema of `WholeClipResult`. */
export const WHOLE_CLIP_RESULT = z.strictObject({
  ...CLIP_RESULT.shape,
  file_count: z.optional(COUNT),
  files: z.optional(z.readonly(z.array(FILE))),
});
