import { CamboxError } from '../../base/errors.ts';
import { type Bucket, RESOLUTIONS, type Resolution, type TelemetryTables } from './telemetry-tables.ts';

export interface TelemetryQuery {
  /** All when left out. */
  readonly metrics?: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
  /** So many buckets at most. */
  readonly points: number;
}

export interface TelemetryAnswer {
  readonly step_ms: number;
  /** What it was made from. */
  readonly resolution: Resolution;
  readonly series: readonly Series[];
}

interface Series {
  readonly metric: string;
  readonly buckets: readonly Bucket[];
}

/** How a query is answered. */
export interface QueryPlan {
  readonly metrics: readonly string[];
  readonly resolution: Resolution;
  /** In whole rows, as the steps. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly stepMs: number;
}

/** Rows of one metric that one query reads at most: about a millisecond of the event loop. */
const MOST_ROWS = 2000;
/** The finest first. */
export const ORDER: readonly Resolution[] = ['samples', 'minutes', 'hours'];

/**
 * From the finest table whose rows are few enough and reach back so far. Throws `bad_argument`, also for a metric that is not known.
 *
 * @param coming metrics of which nothing is written yet
 */
export function planQuery(
  tables: TelemetryTables,
  { metrics, fromMs, untilMs, points }: TelemetryQuery,
  coming: readonly string[] = [],
): QueryPlan {
  if (!(untilMs > fromMs)) throw badSpan(fromMs, untilMs);
  const known = new Set([...tables.metrics, ...coming]);
  const unknown = metrics?.find((name) => !known.has(name));
  if (unknown !== undefined && known.size > 0) throw noSuchMetric(unknown, [...known]);
  const resolution = resolutionFor(tables, fromMs, untilMs);
  const { spanMs } = RESOLUTIONS[resolution];
  const from = Math.floor(fromMs / spanMs) * spanMs;
  const until = Math.ceil(untilMs / spanMs) * spanMs;
  const stepMs = Math.ceil((until - from) / points / spanMs) * spanMs;
  return { metrics: metrics ?? tables.metrics, resolution, fromMs: from, untilMs: until, stepMs };
}

/** Of one metric of the plan: none when nothing is known of that time. */
export function seriesOf(tables: TelemetryTables, metric: string, plan: QueryPlan): readonly Series[] {
  const { resolution, fromMs, untilMs, stepMs } = plan;
  const buckets = tables.buckets(metric, resolution, fromMs, untilMs, stepMs);
  return buckets.length > 0 ? [{ metric, buckets }] : [];
}

function resolutionFor(tables: TelemetryTables, fromMs: number, untilMs: number): Resolution {
  const [first] = tables.metrics;
  const reaches = (resolution: Resolution): boolean => {
    if (first === undefined) return true;
    const own = tables.oldest(first, resolution) ?? fromMs;
    const coarsest = tables.oldest(first, 'hours') ?? fromMs;
    return own <= Math.max(fromMs, coarsest + RESOLUTIONS.hours.spanMs);
  };
  const fits = (resolution: Resolution): boolean => (untilMs - fromMs) / RESOLUTIONS[resolution].spanMs <= MOST_ROWS;
  return ORDER.find((resolution) => fits(resolution) && reaches(resolution)) ?? 'hours';
}

const badSpan = (fromMs: number, untilMs: number): CamboxError =>
  new CamboxError('bad_argument', {
    ...{ verb: 'query', thing: 'telemetry', reason: 'it must end after it begins' },
    received: [new Date(fromMs).toISOString(), new Date(untilMs).toISOString()],
  });

const noSuchMetric = (received: string, known: readonly string[]): CamboxError =>
  new CamboxError('bad_argument', {
    ...{ verb: 'query', thing: 'telemetry', reason: 'there is no such metric', received },
    remedy: `Known are ${known.toSorted().join(', ')}`,
  });
