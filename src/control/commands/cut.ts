import * as z from 'zod/mini';
import { ACCURACIES } from '../../record/cut/cut-order.ts';
import type { CutRange } from '../../record/cut/cut-ranges.ts';
import type { CutSource } from '../../record/cut/cut-report.ts';
import { defineCommand } from '../command.ts';
import { runAsJob } from '../run-as-job.ts';
import { CUT_REPORT } from '../schemas/cut-report.ts';
import { CAMERA_ID, CLIP_ID, DEADLINE_S } from '../schemas/fields.ts';

const SECONDS = z.number().check(z.gte(0), z.lte(864_000));
const LENGTH = z.number().check(z.gte(0.01), z.lte(864_000));
const TIME = z.iso.datetime({ offset: true });
const MOST_RANGES = 256;

export const cut = defineCommand({
  name: 'cut',
  summary: 'Clips out of a stored one, exact to the frame, beside it; copied, or encoded anew (docs/cutting.md).',
  acts: true,
  atOnce: 'queued',
  timeoutMs: undefined, // its job has a deadline, if one is asked for; ffmpeg that stands still is ended
  args: z
    .strictObject({
      clip: z.optional(CLIP_ID),
      /** Clips of this length, one behind the other. */
      every_s: z.optional(LENGTH),
      /** Or these; one without a duration goes to the end. */
      ranges: z.optional(
        z
          .array(z.strictObject({ start_s: SECONDS, duration_s: z.optional(LENGTH) }))
          .check(z.minLength(1), z.maxLength(MOST_RANGES)),
      ),
      /** Instead of a clip: of all clips of a camera what lies in a span of time. */
      camera: z.optional(CAMERA_ID),
      from: z.optional(TIME),
      until: z.optional(TIME),
      accuracy: z._default(z.enum(ACCURACIES), 'copy'),
      deadline_s: DEADLINE_S,
    })
    .check(
      z.refine(({ clip, camera }) => (clip === undefined) !== (camera === undefined), 'either clip or camera'),
      z.refine(
        ({ clip, every_s, ranges }) => [every_s, ranges].filter(Boolean).length === (clip === undefined ? 0 : 1),
        'either every_s or ranges, with clip',
      ),
      z.refine(
        ({ camera, from = '', until = '' }) =>
          camera === undefined ? from + until === '' : Date.parse(from) < Date.parse(until),
        'from and an until behind it, with camera',
      ),
    ),
  result: CUT_REPORT,
  async run({ clip, every_s, ranges = [], camera = '', from = '', until = '', accuracy, deadline_s }, context) {
    const source: CutSource =
      clip === undefined
        ? { camera, fromMs: Date.parse(from), untilMs: Date.parse(until) }
        : { clip, ranges: every_s === undefined ? ranges.map(rangeOf) : { everyUs: us(every_s) } };
    const spec = await context.box.editor.cut({ source, accuracy });
    return await runAsJob(spec, context, deadline_s);
  },
});

const us = (seconds: number): number => Math.round(seconds * 1e6);

const rangeOf = ({ start_s, duration_s }: { start_s: number; duration_s?: number | undefined }): CutRange => ({
  startUs: us(start_s),
  durationUs: duration_s === undefined ? undefined : us(duration_s),
});
