import * as z from 'zod/mini';
import { USUAL_SPEED } from '../../record/timelapse/timelapse-job.ts';
import { SIDES } from '../../record/timelapse/timelapse-size.ts';
import { defineCommand } from '../command.ts';
import { runAsJob } from '../run-as-job.ts';
import { CAMERA_ID, CLIP_ID, DEADLINE_S } from '../schemas/fields.ts';
import { TIMELAPSE_REPORT } from '../schemas/timelapse-report.ts';

const SIDE = z.int().check(z.gte(SIDES.least), z.lte(SIDES.most));
const TIME = z.iso.datetime({ offset: true });

export const timelapse = defineCommand({
  name: 'timelapse',
  summary:
    'A fast video of stored clips, beside them (docs/cutting.md); clips that cannot be read are left out and told.',
  acts: true,
  atOnce: 'queued',
  timeoutMs: undefined, // its job has a deadline, if one is asked for; ffmpeg that stands still is ended
  args: z
    .strictObject({
      /** These, in this order. */
      clips: z.optional(z.array(CLIP_ID).check(z.minLength(1), z.maxLength(512))),
      /** Or those of a camera, the oldest first, that began in a span of time. */
      camera: z.optional(CAMERA_ID),
      from: z.optional(TIME),
      until: z.optional(TIME),
      speed: z.optional(z.number().check(z.gte(0.1), z.lte(1e6))),
      duration_s: z.optional(z.number().check(z.gte(0.1), z.lte(36_000))),
      fps: z._default(z.number().check(z.gte(1), z.lte(120)), 30),
      width: z.optional(SIDE),
      height: z.optional(SIDE),
      /** Burnt in. */
      label: z.optional(z.string().check(z.regex(/^[^\p{Cc}]{1,80}$/u))),
      /** Burn in the time of each picture. */
      time: z._default(z.boolean(), false),
      deadline_s: DEADLINE_S,
    })
    .check(
      z.refine(({ clips, camera }) => (clips === undefined) !== (camera === undefined), 'either clips or camera'),
      z.refine(
        ({ clips, from, until }) => clips === undefined || (from ?? until) === undefined,
        'from and until go with camera',
      ),
      z.refine(
        ({ speed, duration_s }) => speed === undefined || duration_s === undefined,
        'either speed or duration_s',
      ),
      z.refine(({ width, height }) => (width === undefined) === (height === undefined), 'width and height go together'),
    ),
  result: TIMELAPSE_REPORT,
  async run(
    { clips, camera = '', from, until, speed, duration_s, fps, width, height, label, time, deadline_s },
    context,
  ) {
    const ms = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));
    const spec = await context.box.editor.timelapse({
      clips: clips ?? { camera, fromMs: ms(from), untilMs: ms(until) },
      pace: duration_s === undefined ? { speed: speed ?? USUAL_SPEED } : { durationS: duration_s },
      fps,
      size: width === undefined || height === undefined ? undefined : { width, height },
      label: label === undefined && !time ? undefined : { text: label, time },
    });
    return runAsJob(spec, context, deadline_s);
  },
});
