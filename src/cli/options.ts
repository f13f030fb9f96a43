import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './cli-command.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** parseArgs, strict, with its complaints as UsageError: an option that takes one value takes no second one. */
export function readOptions<const T extends Options>(args: readonly string[], options: T) {
  const parsed = parseStrictly(args, options);
  const values = new Map<string, string>();
  for (const token of parsed.tokens) {
    if (token.kind !== 'option' || token.value === undefined || options[token.name]?.multiple) continue;
    const before = values.get(token.name);
    if (before !== undefined) {
      throw new UsageError(`--${token.name} can be given once only: received ${before} and ${token.value}`);
    }
    values.set(token.name, token.value);
  }
  return parsed;
}

function parseStrictly<const T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

/** The one positional argument of a command. */
export function only(positionals: readonly string[], what: string): string {
  const [first, ...more] = positionals;
  if (first === undefined) throw new UsageError(`${what} is missing`);
  if (more.length > 0) throw new UsageError(`one ${what} only: received also ${more.join(' ')}`);
  return first;
}

/** For a command that takes options alone. */
export function none(positionals: readonly string[]): void {
  if (positionals.length > 0) throw new UsageError(`unexpected: ${positionals.join(' ')}`);
}

export interface NumberRange {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

/** A number option, or undefined when it is not given. */
export function numberOption(name: string, value: string | undefined, range: NumberRange): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  const fits = value.trim() !== '' && number >= range.least && number <= range.most;
  if (fits && (!range.whole || Number.isInteger(number))) return number;
  const kind = range.whole ? 'a whole number' : 'a number';
  throw new UsageError(`--${name} must be ${kind} from ${range.least} to ${range.most}: received ${value}`);
}

/** An option with a closed set of values. */
export function choiceOption<const T extends string>(
  name: string,
  value: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new UsageError(`--${name} must be one of ${choices.join(', ')}: received ${value}`);
  return choice;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** "1280x720"; `sides`: what both may be, in pixels. */
export function sizeOption(value: string | undefined, sides?: NumberRange): PictureSize | undefined {
  if (value === undefined) return undefined;
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(value) ?? [];
  if (width === undefined) throw new UsageError(`--size must read WIDTHxHEIGHT, e.g. 1280x720: received ${value}`);
  const size = { width: Number(width), height: Number(height) };
  if (sides === undefined || Object.values(size).every((side) => side >= sides.least && side <= sides.most))
    return size;
  throw new UsageError(`--size must have sides of ${sides.least} to ${sides.most}: received ${value}`);
}

/** Timers take 2^31 - 1 ms at most (and fire at once when given more): 24.8 days. */
const MOST_HOURS = 500;

/** Seconds from "20", "20s", "1.5m" or "2h"; up to 500 hours. */
export function durationOption(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(value);
  if (match === null) throw new UsageError(`--${name} must be a duration such as 20s, 5m or 1h: received ${value}`);
  const factors = { s: 1, m: 60, h: 3600 } as const;
  const seconds = Number(match[1]) * factors[(match[2] ?? 's') as keyof typeof factors];
  if (seconds <= MOST_HOURS * factors.h) return seconds;
  throw new UsageError(`--${name} must be ${MOST_HOURS}h or less: received ${value}`);
}
