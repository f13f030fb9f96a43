import type { TelemetryAnswer } from './telemetry-query.ts';
import type { Sample } from './telemetry-tables.ts';

/** A row a bucket: time, metric, figures (RFC 4180 §2, with LF). Pure, as all below. */
export function telemetryCsv({ series }: TelemetryAnswer): string {
  const rows = series.flatMap(({ metric, buckets }) =>
    buckets.map(({ t_ms, count, avg, min, max }) =>
      [new Date(t_ms).toISOString(), metric, count, avg, min, max].join(','),
    ),
  );
  return ['time,metric,count,avg,min,max', ...rows, ''].join('\n');
}

/** Metrics that only grow, until the service starts anew. */
const COUNTERS: ReadonlySet<string> = new Set(['cambox_cam_frames']);

/**
 * The newest sample in Prometheus' text format, for node_exporter's textfile collector. `cam.front.frames` becomes
 * `cambox_cam_frames{camera="front"}`.
 */
export function prometheusText(sample: Sample): string {
  const lines = Object.entries(sample).map(([name, value]) => {
    const [, camera, what] = /^cam\.([^.]+)\.(.+)$/.exec(name) ?? [];
    const metric = `cambox_${what === undefined ? name : `cam_${what}`}`;
    return { metric, line: `${metric}${camera === undefined ? '' : `{camera="${camera}"}`} ${value}` };
  });
  // all lines of a metric stand together, below its type
  const metrics = [...new Set(lines.map(({ metric }) => metric))];
  const text = metrics.flatMap((metric) => [
    `# TYPE ${metric} ${COUNTERS.has(metric) ? 'counter' : 'gauge'}`,
    ...lines.filter((line) => line.metric === metric).map(({ line }) => line),
  ]);
  return `${text.join('\n')}\n`;
}
