import { UsageError } from './cli-command.ts';

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** What lies beyond is no date for JavaScript. */
const MOST_MS = 8.64e15;

/** How long ago (30m, 12h, 7d), or a date with or without a time: local time unless it names a zone, a day begins at midnight. */
export function wallTimeOption(name: string, value: string | undefined, nowMs: number): string | undefined {
  if (value === undefined) return undefined;
  const [, ago, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(value) ?? [];
  const ms = ago === undefined ? dateMs(value) : nowMs - Number(ago) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (Math.abs(ms) <= MOST_MS) return new Date(ms).toISOString();
  throw new UsageError(`--${name} must be a time such as 2h, 7d, 2025-06-01 or 2025-06-01T12:00: received ${value}`);
}

/** NaN when it is none. Date.parse alone takes a date without a time for one of UTC. */
function dateMs(value: string): number {
  if (!/^\d{4}-/.test(value)) return Number.NaN;
  return Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00` : value);
}
