import { CamboxError } from '../base/errors.ts';
import type { ClipRecord, ClipState } from './clip-record.ts';

/** Wanted clips; what is absent does not matter. */
export interface ClipFilter {
  /** Words that all must be there; `"two words"` in this order, `wor*` the beginning of a word, `-word` must not be there. */
  readonly words?: string;
  readonly camera?: string;
  readonly state?: ClipState;
  readonly protected?: boolean;
  readonly class?: string;
}

const MAX_WORDS = 32;
const TERM = /(-?)(?:"([^"]*)"|(\S+))/g;
const HAS_TEXT = /[\p{L}\p{N}]/u;

/**
 * The expression that FTS5 takes for a filter; undefined when there is nothing to filter by. Words of people never get out
 * of their quotes. Throws `bad_argument` when the words have no letter or digit that could be found.
 */
export function matchExpression(filter: ClipFilter): string | undefined {
  const facts = factTokens(filter);
  const { wanted, unwanted } = terms(filter.words ?? '');
  const needed = [
    ...(wanted.length === 0 ? [] : [`words : (${wanted.join(' AND ')})`]),
    ...facts.map((fact) => `facts : "${fact}"`),
  ];
  if (needed.length === 0 && unwanted.length > 0) needed.push(`facts : "${EVERY_CLIP}"`);
  if (needed.length === 0) return undefined;
  const expression = needed.join(' AND ');
  return unwanted.length === 0 ? expression : `(${expression}) NOT words : (${unwanted.join(' OR ')})`;
}

/** What the column `words` holds of a clip. */
export const wordsOf = ({ label, place, events, notes, camera }: ClipRecord): string =>
  [camera, label, place, events, notes].filter((text) => text !== undefined).join('\n');

/** What the column `facts` holds of a clip. */
export const factsOf = (record: ClipRecord): string => [EVERY_CLIP, ...factTokens(record)].join(' ');

const EVERY_CLIP = 'clip';

function factTokens({ camera, state, protected: isProtected, class: ofClass }: ClipFilter): string[] {
  return [
    ...(camera === undefined ? [] : [fact('camera', camera)]),
    ...(state === undefined ? [] : [fact('state', state)]),
    ...(isProtected === undefined ? [] : [fact('protected', String(isProtected))]),
    ...(ofClass === undefined ? [] : [fact('class', ofClass)]),
  ];
}

/** One token, whatever is in the value. */
const fact = (name: string, value: string): string => name + Buffer.from(value).toString('hex');

function terms(words: string): { readonly wanted: readonly string[]; readonly unwanted: readonly string[] } {
  const [wanted, unwanted]: [string[], string[]] = [[], []];
  for (const [, minus, phrase, word = ''] of words.matchAll(TERM)) {
    const text = phrase ?? word;
    if (!HAS_TEXT.test(text)) continue;
    (minus === '-' ? unwanted : wanted).push(quoted(text, phrase === undefined && text.endsWith('*')));
  }
  if (wanted.length + unwanted.length > MAX_WORDS) throw badWords(`more than ${MAX_WORDS} words`, words);
  if (words.trim() !== '' && wanted.length + unwanted.length === 0) throw badWords('it has no letter or digit', words);
  return { wanted, unwanted };
}

const quoted = (text: string, isPrefix: boolean): string =>
  `"${text.replaceAll('"', '""').replaceAll('\0', ' ')}"${isPrefix ? '*' : ''}`;

const badWords = (reason: string, received: string): CamboxError =>
  new CamboxError('bad_argument', { verb: 'search', thing: 'the catalogue', reason, received });
