import type { LocalCutOutcome } from '../app/editing/cut-locally.ts';
import { alignColumns } from './text-columns.ts';

const MB = 1e6;

/** A range as one entry of the summary: `status` is ok, warning, skipped (nothing there) or failed. */
export function clipJson(outcome: LocalCutOutcome): object {
  const { range, path } = outcome.order;
  const start_ms = range.startUs / 1000;
  if (outcome.ok) return { status: outcome.clip.warnings.length > 0 ? 'warning' : 'ok', ...outcome.clip };
  if (outcome.error === undefined) {
    return { status: 'skipped', start_ms, warnings: [{ code: outcome.fault, says: PAST_END }] };
  }
  return { status: 'failed', path, start_ms, error: { code: outcome.error.code, message: outcome.error.message } };
}

const PAST_END = 'the file ends before it begins';

/** A line a clip, with its warnings below, and the sum. What ended several is told once. */
export function clipLines(outcomes: readonly LocalCutOutcome[], tookMs: number): string[] {
  const clips = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.clip] : []));
  const rows = clips.map((clip) => [
    clip.path,
    `${seconds(clip.duration_ms)} s`,
    `${clip.frames} frames`,
    `hidden ${seconds(clip.hidden_lead_in_ms)} s`,
    `${(clip.bytes / MB).toFixed(1)} MB`,
    clip.cpu_ms === undefined ? '' : `cpu ${clip.cpu_ms} ms`,
    clip.peak_memory_bytes === undefined ? '' : `peak ${(clip.peak_memory_bytes / MB).toFixed(0)} MB`,
  ]);
  const aligned = rows.length === 0 ? [] : alignColumns(rows, [1, 2, 3, 4, 5, 6]);
  let row = 0;
  const failures = new Set<string>();
  const lines = outcomes.flatMap((outcome) => {
    if (outcome.ok) return [aligned[row++]!, ...outcome.clip.warnings.map(({ says }) => `  warning: ${says}`)];
    const at = `from ${seconds(outcome.order.range.startUs / 1000)} s`;
    if (outcome.error === undefined) return [`warning: no clip ${at}: ${PAST_END}`];
    const { message } = outcome.error;
    if (failures.has(message)) return [];
    failures.add(message);
    return [`failed: ${message}`];
  });
  const cpu = clips.reduce((sum, clip) => sum + (clip.cpu_ms ?? 0), 0);
  return [
    ...lines,
    `${clips.length} of ${outcomes.length} clips in ${seconds(tookMs)} s, ffmpeg's CPU ${seconds(cpu)} s`,
  ];
}

const seconds = (ms: number): string => (ms / 1000).toFixed(2);
