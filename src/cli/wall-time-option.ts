import { UsageError } from './cli-command.ts';
import { durationOption } from './options.ts';

/** How long ago, or a date as Date.parse takes it (local time unless it names a zone). */
export function wallTimeOption(name: string, value: string | undefined, nowMs: number): string | undefined {
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?[smh]$/.test(value)) {
    return new Date(nowMs - 1000 * (durationOption(name, value) ?? 0)).toISOString();
  }
  const ms = /^\d{4}-/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(ms)) return new Date(ms).toISOString();
  throw new UsageError(`--${name} must be a time such as 2h or 2025-06-01T12:00: received ${value}`);
}
