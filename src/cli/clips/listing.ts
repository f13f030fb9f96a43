import type { Place } from '../ask-or-read.ts';
import { UsageError } from '../cli-command.ts';
import { choiceOption, readOptions } from '../options.ts';
import { CATALOGUE_OPTIONS, CATALOGUE_USAGE } from './ask-catalogue.ts';
import { filterArguments } from './clip-filter.ts';

/** The option by which one list is narrowed down, and no other. */
export interface OwnChoice {
  readonly name: string;
  /** As the help shows its value: `KIND`. */
  readonly value: string;
  readonly of: readonly string[];
}

export interface Listing {
  readonly place: Place;
  readonly asJson: boolean | undefined;
  /** The arguments of the command that lists. */
  readonly filter: Readonly<Record<string, unknown>>;
}

/** Help text of a list of what cameras have, newest first, a page at a time. */
export const listingUsage = ({ name, value, of }: OwnChoice): string => `  --camera ID        of this camera
  ${`--${name} ${value}`.padEnd(18)} ${of.join(', ')}
  --limit N          so many at most (1 to 100)
  --after CURSOR     the next page, as the one before tells
  --json
${CATALOGUE_USAGE}`;

/** Throws UsageError. */
export function readListing(command: string, args: readonly string[], choice: OwnChoice): Listing {
  const text = { type: 'string' } as const;
  const { values, positionals } = readOptions(args, {
    ...CATALOGUE_OPTIONS,
    ...{ camera: text, limit: text, after: text, json: { type: 'boolean' } as const },
    ...({ [choice.name]: text } as Record<string, typeof text>),
  });
  if (positionals.length > 0) throw new UsageError(`${command} takes no words: received ${positionals.join(' ')}`);
  const { camera, limit, after } = values;
  const page = { ...(camera && { camera }), ...(limit && { limit }), ...(after && { after }) };
  const own = new Map<string, unknown>(Object.entries(values)).get(choice.name);
  const chosen = choiceOption(choice.name, own as string | undefined, choice.of);
  const filter = { ...filterArguments(page, Date.now()), ...(chosen !== undefined && { [choice.name]: chosen }) };
  return { place: values, asJson: values.json, filter };
}
