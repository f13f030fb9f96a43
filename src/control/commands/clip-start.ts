import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import type { Clock } from '../../base/clock.ts';
import { ENCODER_WISHES } from '../../base/encoder-names.ts';
import { type MonoUs, msFromUs } from '../../base/units.ts';
import type { RecordingClip, WholeClipResult } from '../../record/clip/clip.ts';
import { WHOLE_CLIP_RESULT } from '../../record/clip/clip-schema.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { clipError } from '../schemas/clip-error.ts';
import { CAMERA_ID, CLIP_CLASS } from '../schemas/fields.ts';
import { startClip } from '../start-clip.ts';

/** `in_progress` is sent at most this often, and ten times in all. */
const LEAST_PROGRESS_MS = 1000;
const PROGRESS_STEPS = 10;

export const clipStart = defineCommand({
  name: 'clip.start',
  summary: 'Record a clip, beginning in the past; answers when the file is in place.',
  acts: true,
  atOnce: 16,
  timeoutMs: undefined, // the recorder ends every clip: at its duration, at clip.stop or at the longest it may be
  args: z.strictObject({
    camera: CAMERA_ID,
    /** Seconds before now that the clip starts with. */
    pre_s: z.number().check(z.gte(0), z.lte(3600)),
    /** Seconds after now; without it the clip runs until `clip.stop`. */
    duration_s: z.optional(z.number().check(z.gt(0), z.lte(86_400))),
    /** Seconds that it goes on after `clip.stop`; a second `clip.stop` ends it at once. */
    post_s: z.optional(z.number().check(z.gte(0), z.lte(600))),
    /**
     * A trigger that came again: a clip of the same label and class that is under way lasts as long as this one would, instead of another
     * beginning beside it.
     */
    extend: z.optional(z.boolean()),
    /** Without it `record.encoder` of the config. */
    encoder: z.optional(z.enum(ENCODER_WISHES)),
    label: z.optional(z.string().check(z.regex(/^[^\p{Cc}]{1,80}$/u))),
    /** Which rule of age it has: `retention.class_max_age_days`. */
    class: z.optional(CLIP_CLASS),
  }),
  result: WHOLE_CLIP_RESULT,
  async run({ camera, pre_s, duration_s, post_s, extend, encoder, label, class: ofClass }, context) {
    const startedAt = context.clock.now();
    const durationMs = duration_s === undefined ? undefined : Math.round(duration_s * 1000);
    const clip = await startClip(
      camera,
      {
        id: clipId(camera, context.clock),
        label,
        preMs: Math.round(pre_s * 1000),
        durationMs,
        encoder,
        ...(ofClass !== undefined && { class: ofClass }),
        ...(post_s !== undefined && { postMs: Math.round(post_s * 1000) }),
        ...(extend !== undefined && { extend }),
      },
      context,
    );
    const result = await watch(clip, startedAt, durationMs, context);
    const error = clipError(result);
    return error === undefined ? { ok: true, result } : { ok: false, error, result };
  },
});

/**
 * Wait for the end of the clip and tell how far it is meanwhile. A clip whose encoder failed, or whose file is long enough, goes
 * on in another one: the result is that of all of them.
 */
async function watch(
  clip: RecordingClip,
  startedAt: MonoUs,
  durationMs: number | undefined,
  { clock, signal, inProgress }: CommandContext,
): Promise<WholeClipResult> {
  let current = clip;
  const tell = (): void => {
    const progress = durationMs === undefined ? {} : { progress: share(msFromUs(clock.now() - startedAt), durationMs) };
    inProgress({ ...progress, result: { clip: current.id } });
  };
  const stop = (): void => current.stop('shutdown');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const stopTelling =
    durationMs === undefined ? undefined : every(clock, Math.max(LEAST_PROGRESS_MS, durationMs / PROGRESS_STEPS), tell);
  tell();
  for (;;) {
    await current.finished;
    const { next } = current;
    if (next === undefined) break;
    current = next;
    tell();
    if (signal.aborted) stop();
  }
  stopTelling?.();
  signal.removeEventListener('abort', stop);
  return await clip.whole();
}

const share = (part: number, whole: number): number => Math.round(Math.min(1, part / whole) * 100) / 100;

/** Runs the task again and again until the returned function is called. */
function every(clock: Clock, ms: number, task: () => void): () => void {
  let cancel = clock.after(ms, function again(): void {
    task();
    cancel = clock.after(ms, again);
  });
  return () => cancel();
}

/** `20251120t180400z-front-3f9a1c`: sorts by time; the random part keeps it unique when the clock is wrong. */
function clipId(camera: string, clock: Clock): string {
  const time = new Date(clock.wall())
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
    .toLowerCase();
  return `${time}-${camera}-${randomBytes(3).toString('hex')}`;
}
