import { CamboxError } from '../../base/errors.ts';
import type { ClipRecord, ClipState, ClipWords } from './clip-record.ts';

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

/** A word, a phrase, or the beginning of a word, as somebody wrote it. */
export interface Term {
  readonly text: string;
  readonly isPrefix: boolean;
  readonly isUnwanted: boolean;
}

/**
 * The expression that FTS5 takes for a filter; undefined when there is nothing to filter by. Words of people never get out
 * of their quotes. Throws `bad_argument` when the words have no letter or digit that could be found.
 */
export function matchExpression(filter: ClipFilter): string | undefined {
  const terms = readTerms(filter.words ?? '');
  return terms.length === 0 && factTokens(filter).length === 0 ? undefined : expressionOf(terms, filter);
}

/** The expression for these terms and the facts of a filter; with none of both, that for every clip. */
export function expressionOf(terms: readonly Term[], filter: ClipFilter): string {
  const facts = factTokens(filter);
  const [wanted, unwanted] = [terms.filter(({ isUnwanted }) => !isUnwanted), terms.filter((term) => term.isUnwanted)];
  const needed = [
    ...(wanted.length === 0 ? [] : [`words : (${wanted.map(quoted).join(' AND ')})`]),
    ...facts.map((fact) => `facts : "${fact}"`),
  ];
  if (needed.length === 0) needed.push(`facts : "${EVERY_CLIP}"`);
  const expression = needed.join(' AND ');
  return unwanted.length === 0 ? expression : `(${expression}) NOT words : (${unwanted.map(quoted).join(' OR ')})`;
}

/** What the column `words` holds of a clip. */
export const wordsOf = ({
  label,
  place,
  events,
  notes,
  camera,
}: Pick<ClipRecord, 'camera' | keyof ClipWords>): string =>
  [camera, label, place, events, notes].filter((text) => text !== undefined).join('\n');

/** What the column `facts` holds of a clip. */
export const factsOf = (record: ClipRecord): string => [EVERY_CLIP, ...factTokens(record)].join(' ');

export const EVERY_CLIP = 'clip';

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

/** Throws `bad_argument`: see `matchExpression`. */
export function readTerms(words: string): readonly Term[] {
  const terms = [...words.matchAll(TERM)].flatMap(([, minus, phrase, word = '']): Term[] => {
    const text = phrase ?? word;
    if (!HAS_TEXT.test(text)) return [];
    return [{ text, isPrefix: phrase === undefined && text.endsWith('*'), isUnwanted: minus === '-' }];
  });
  if (terms.length > MAX_WORDS) throw badWords(`more than ${MAX_WORDS} words`, words);
  if (words.trim() !== '' && terms.length === 0) throw badWords('it has no letter or digit', words);
  return terms;
}

const quoted = ({ text, isPrefix }: Term): string =>
  `"${text.replaceAll('"', '""').replaceAll('\0', ' ')}"${isPrefix ? '*' : ''}`;

const badWords = (reason: string, received: string): CamboxError =>
  new CamboxError('bad_argument', { verb: 'search', thing: 'the catalogue', reason, received });
