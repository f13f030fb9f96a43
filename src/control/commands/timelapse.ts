import * as z from 'zod/mini';
import { USUAL_SPEED } from '../../record/timelapse/timelapse-job.ts';
import { SIDES } from '../../record/timelapse/timelapse-size.ts';
import { defineCommand } from '../command.ts';
import { runAsJob } from '../run-as-job.ts';
import { CHOSEN_CLIPS, chosenClips, ONE_WAY_TO_CHOOSE } from '../schemas/chosen-clips.ts';
import { DEADLINE_S } from '../schemas/fields.ts';
import { TIMELAPSE_REPORT } from '../schemas/timelapse-report.ts';

const SIDE = z.int().check(z.gte(SIDES.least), z.lte(SIDES.most));

export const timelapse = defineCommand({
  name: 'timelapse',
  summary:
    'A fast video of stored clips, beside them (docs/cutting.md); clips that cannot be read are left out and told.',
  acts: true,
  atOnce: 'queued',
  timeoutMs: undefined, // its job has a deadline, if one is asked for; ffmpeg that stands still is ended
  args: z
    .strictObject({
      ...CHOSEN_CLIPS,
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
      ...ONE_WAY_TO_CHOOSE,
      z.refine(
        ({ speed, duration_s }) => speed === undefined || duration_s === undefined,
        'either speed or duration_s',
      ),
      z.refine(({ width, height }) => (width === undefined) === (height === undefined), 'width and height go together'),
    ),
  result: TIMELAPSE_REPORT,
  async run({ speed, duration_s, fps, width, height, label, time, deadline_s, ...choice }, context) {
    const spec = await context.box.editor.timelapse({
      clips: chosenClips(choice),
      pace: duration_s === undefined ? { speed: speed ?? USUAL_SPEED } : { durationS: duration_s },
      fps,
      size: width === undefined || height === undefined ? undefined : { width, height },
      label: label === undefined && !time ? undefined : { text: label, time },
    });
    return runAsJob(spec, context, deadline_s);
  },
});
