import { UsageError } from './cli-command.ts';

const UNITS = { s: 1, m: 60, h: 3600 } as const;
/** Microseconds of all that is longer cannot be counted exactly. */
const MOST_HOURS = 10_000;

/** A time in a video as microseconds: "90", "90.5s", "1.5m", "2h", "1:30", "1:02:03.25". */
export function videoTimeOption(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = inSeconds(value);
  if (seconds !== undefined && seconds <= MOST_HOURS * UNITS.h) return Math.round(seconds * 1e6);
  throw new UsageError(`--${name} must be a time such as 90, 90.5, 1:30, 1:02:03.25 or 5m: received ${value}`);
}

function inSeconds(value: string): number | undefined {
  const [, number, unit = 's'] = /^(\d+(?:\.\d*)?|\.\d+)(s|m|h)?$/.exec(value) ?? [];
  if (number !== undefined) return Number(number) * UNITS[unit as keyof typeof UNITS];
  const [, hours = '0', minutes, seconds] = /^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d*)?)$/.exec(value) ?? [];
  if (minutes === undefined || Number(minutes) >= 60 || Number(seconds) >= 60) return undefined;
  return Number(hours) * UNITS.h + Number(minutes) * UNITS.m + Number(seconds);
}
