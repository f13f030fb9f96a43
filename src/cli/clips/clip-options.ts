import { existsSync } from 'node:fs';
import { loadConfig } from '../../config/load-config.ts';
import { ROOT_SCHEMA } from '../../config/schema.ts';
import type { ClipChoice } from '../../record/clip/find-clips.ts';
import { type CliIo, UsageError } from '../cli-command.ts';
import { durationOption } from '../options.ts';

/** Options and help text of the commands about stored clips. */
export const CLIP_OPTIONS = {
  camera: { type: 'string' },
  label: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  dir: { type: 'string' },
  config: { type: 'string' },
} as const;

export const CLIP_USAGE = `  --camera ID     of this camera only
  --label TEXT    of this label only
  --since TIME    whose first frame is not older: 2026-11-21, 2026-11-21T08:00Z, or so long ago: 30m, 12h
  --until TIME    whose first frame is older
  --dir FOLDER    the recording directory (record.dir of the config)
  --config FILE   the config of the service (/etc/cambox/config.json)`;

const CONFIG = '/etc/cambox/config.json';

type ClipValues = { readonly [Name in keyof typeof CLIP_OPTIONS]?: string };

/** Throws UsageError. */
export const clipChoice = (ids: readonly string[], values: ClipValues, nowMs: number): ClipChoice => ({
  ids,
  camera: values.camera,
  label: values.label,
  sinceMs: timeOption('since', values.since, nowMs),
  untilMs: timeOption('until', values.until, nowMs),
});

/** Where the clips are. Throws `bad_config`. */
export function recordDir({ dir, config }: ClipValues, io: CliIo): string {
  if (dir !== undefined) return dir;
  const file = config ?? CONFIG;
  if (config !== undefined || existsSync(file)) return loadConfig(file, io.env).record.dir;
  return (ROOT_SCHEMA.record as { dir: { default: string } }).dir.default;
}

/** A date, a time, or so long ago, in milliseconds since 1970. */
function timeOption(name: string, value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?[smh]$/.test(value)) return nowMs - (durationOption(name, value) ?? 0) * 1000;
  const time = /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`--${name} must be a time such as 2026-11-21T08:00Z, or so long ago as 12h: received ${value}`);
}
