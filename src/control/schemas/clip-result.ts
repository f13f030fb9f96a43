import * as z from 'zod/mini';
import { ENCODER_NAMES } from '../../base/encoder-names.ts';
import { CamboxError, type ErrorCode } from '../../base/errors.ts';
import type { ClipEnd, ClipResult } from '../../record/clip/clip.ts';

const COUNT = z.int().check(z.gte(0));
const MILLISECONDS = z.number().check(z.gte(0));

/** The schema of `ClipResult`. The assignment in `clipOutcome` holds the two together. */
export const CLIP_RESULT = z.strictObject({
  clip: z.string(),
  camera: z.string(),
  label: z.optional(z.string()),
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
    'no_frames',
  ]),
  path: z.nullable(z.string()),
  encoder: z.enum(ENCODER_NAMES),
  encoder_reason: z.optional(z.string()),
  continued_by: z.optional(z.string()),
  continues: z.optional(z.string()),
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

/** Why there is no file, as an error code. */
const FAILURE_CODES: Partial<Record<ClipEnd, ErrorCode>> = {
  camera_lost: 'device_lost',
  no_frames: 'device_lost',
  shutdown: 'interrupted',
  disk_failed: 'not_writable',
  ffmpeg_failed: 'child_failed',
  out_of_memory: 'resource_limit',
};

/** What a clip that is not as asked for means for the command that started it; undefined for one that is. */
export function clipError(clip: ClipResult): CamboxError | undefined {
  if (clip.state === 'ready') return undefined;
  const detail = clip.detail === undefined ? '' : ` (${clip.detail})`;
  if (clip.state === 'interrupted') {
    return new CamboxError('interrupted', {
      verb: 'finish',
      thing: `clip ${clip.clip}`,
      reason: `it ended early: ${clip.end}${detail}`,
      remedy: `What was recorded until then plays: ${clip.path}`,
    });
  }
  return new CamboxError(FAILURE_CODES[clip.end] ?? 'child_failed', {
    verb: 'record',
    thing: `clip ${clip.clip}`,
    reason: `${clip.end}${detail}`,
  });
}
