import * as z from 'zod/mini';
import { PUBLIC_KEY } from '../../config/formats.ts';
import { defineCommand } from '../command.ts';
import { runAsJob } from '../run-as-job.ts';
import { EXPORT_REPORT } from '../schemas/export-report.ts';
import { CAMERA_ID, CLIP_ID, DEADLINE_S } from '../schemas/fields.ts';

const TIME = z.iso.datetime({ offset: true });

export const clipExport = defineCommand({
  name: 'clip.export',
  summary:
    'Hand stored clips over to the place that the config names (export.to), sealed if you like (docs/export.md).',
  acts: true,
  atOnce: 'queued',
  timeoutMs: undefined, // its job has a deadline, if one is asked for; a connection on which nothing moves is given up
  args: z
    .strictObject({
      clips: z.optional(z.array(CLIP_ID).check(z.minLength(1), z.maxLength(512))),
      /** Or those of a camera, the oldest first, that began in a span of time. */
      camera: z.optional(CAMERA_ID),
      from: z.optional(TIME),
      until: z.optional(TIME),
      /** Public keys of age to seal for, beside `export.recipients` of the config. */
      recipients: z._default(z.array(z.string().check(z.regex(PUBLIC_KEY))).check(z.maxLength(8)), []),
      deadline_s: DEADLINE_S,
    })
    .check(
      z.refine(({ clips, camera }) => (clips === undefined) !== (camera === undefined), 'either clips or camera'),
      z.refine(
        ({ camera, from = '', until = '' }) =>
          camera === undefined ? from + until === '' : Date.parse(from) < Date.parse(until),
        'from and an until behind it, with camera',
      ),
    ),
  result: EXPORT_REPORT,
  async run({ clips, camera = '', from = '', until = '', recipients, deadline_s }, context) {
    const span = { camera, fromMs: Date.parse(from), untilMs: Date.parse(until) };
    const spec = await context.box.editor.export({ clips: clips ?? span, recipients });
    return await runAsJob(spec, context, deadline_s);
  },
});
