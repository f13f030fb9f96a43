import * as z from 'zod/mini';
import type { TelemetryQuery } from '../../catalog/telemetry/telemetry-query.ts';
import { defineCommand } from '../command.ts';

const DAY_MS = 86_400_000;
const TIME = z.optional(z.iso.datetime({ offset: true }));

const ARGUMENTS = z.strictObject({
  /** All without it. */
  metrics: z.optional(z.array(z.string().check(z.maxLength(100))).check(z.maxLength(64))),
  from: TIME,
  until: TIME,
  /** So many steps of time at most. */
  points: z._default(z.int().check(z.gte(1), z.lte(500)), 60),
});
export type TelemetryArguments = z.infer<typeof ARGUMENTS>;

export const telemetryQuery = defineCommand({
  name: 'telemetry.query',
  summary: 'How the box was: averages, least and most of its figures over a span of time (a day, without one).',
  acts: false,
  atOnce: 2,
  timeoutMs: 30_000,
  args: ARGUMENTS,
  result: z.strictObject({
    step_ms: z.int(),
    resolution: z.enum(['samples', 'minutes', 'hours']),
    series: z.readonly(
      z.array(
        z.strictObject({
          metric: z.string(),
          buckets: z.readonly(
            z.array(
              z.strictObject({ t_ms: z.int(), count: z.int(), avg: z.number(), min: z.number(), max: z.number() }),
            ),
          ),
        }),
      ),
    ),
  }),
  async run(args, { box, clock }) {
    return { ok: true, result: await box.telemetry.query(queryOf(args, clock.wall())) };
  },
});

/** What the arguments ask for. */
export function queryOf({ metrics, from, until, points }: TelemetryArguments, nowMs: number): TelemetryQuery {
  const untilMs = until === undefined ? nowMs : Date.parse(until);
  const fromMs = from === undefined ? untilMs - DAY_MS : Date.parse(from);
  return { ...(metrics !== undefined && { metrics }), fromMs, untilMs, points };
}
