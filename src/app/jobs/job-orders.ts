import * as z from 'zod/mini';
import { ACCURACIES, type Accuracy } from '../../record/cut/cut-order.ts';
import type { WantedRanges } from '../../record/cut/cut-report.ts';
import type { ExportRequest } from '../../record/export/export-report.ts';
import type { TimelapseRequest } from '../../record/timelapse/timelapse-request.ts';
import type { CutPiece } from '../editing/cut-pieces.ts';

/**
 * What jobs are done from after a restart (`JobSpec.order`): which clips was found out when they were accepted, and does not change.
 * These schemas read what an earlier version may have written: one that cannot be read any more is dropped.
 */

const COUNT = z.int().check(z.gte(0));
const CLIP = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,127}$/));
const SIZE = z.strictObject({ width: COUNT, height: COUNT });

const CUT_ORDER = z.strictObject({
  kind: z.literal('cut'),
  accuracy: z.enum(ACCURACIES),
  pieces: z.array(
    z.strictObject({
      clip: CLIP,
      ranges: z.union([
        z.strictObject({ everyUs: z.int().check(z.gt(0)) }),
        z.array(z.strictObject({ startUs: COUNT, durationUs: z.optional(COUNT) })),
      ]),
    }),
  ),
});

const TIMELAPSE_ORDER = z.strictObject({
  kind: z.literal('timelapse'),
  clips: z.array(CLIP).check(z.minLength(1)),
  pace: z.union([
    z.strictObject({ speed: z.number().check(z.gt(0)) }),
    z.strictObject({ durationS: z.number().check(z.gt(0)) }),
  ]),
  fps: z.number().check(z.gt(0)),
  size: z.optional(SIZE),
  label: z.optional(z.strictObject({ text: z.optional(z.string()), time: z.boolean() })),
});

const EXPORT_ORDER = z.strictObject({
  kind: z.literal('export'),
  clips: z.array(CLIP).check(z.minLength(1)),
  recipients: z.array(z.string()),
});

export const JOB_ORDER = z.discriminatedUnion('kind', [CUT_ORDER, TIMELAPSE_ORDER, EXPORT_ORDER]);
export type JobOrder = z.output<typeof JOB_ORDER>;
type TimelapseOrder = z.output<typeof TIMELAPSE_ORDER>;

/** A piece of a cut, whose clip is looked for when it is made. */
interface OrderedPiece {
  readonly clip: string;
  readonly ranges: WantedRanges;
}

export const cutOrder = (pieces: readonly CutPiece[], accuracy: Accuracy): unknown => ({
  ...{ kind: 'cut', accuracy },
  pieces: pieces.map(({ source: { clip }, ranges }) => ({ clip, ranges })),
});

export const piecesOf = ({ pieces }: z.output<typeof CUT_ORDER>): OrderedPiece[] =>
  pieces.map(({ clip, ranges }) => ({ clip, ranges: rangesOf(ranges) }));

const rangesOf = (ranges: z.output<typeof CUT_ORDER>['pieces'][number]['ranges']): WantedRanges =>
  'everyUs' in ranges ? ranges : ranges.map(({ startUs, durationUs }) => ({ startUs, durationUs }));

export const timelapseOrder = (request: TimelapseRequest, clips: readonly string[]): unknown => ({
  ...request,
  ...{ kind: 'timelapse', clips },
});

export const timelapseRequest = ({ clips, pace, fps, size, label }: TimelapseOrder): TimelapseRequest => ({
  ...{ clips, pace, fps, size },
  label: label && { text: label.text, time: label.time },
});

export const exportOrder = ({ recipients }: ExportRequest, clips: readonly string[]): unknown => ({
  ...{ kind: 'export', clips, recipients },
});
