import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { WantedIds } from './clip-page.ts';
import { SUMMARY_COLUMNS, type SummaryRow } from './clip-row.ts';
import { type ClipFilter, EVERY_CLIP, expressionOf, readTerms, type Term, wordsOf } from './search-words.ts';

/** What FTS5 is asked for: all clips that may be meant, and of them those that are. */
export interface BroadPlan {
  readonly wide: string;
  readonly exact: string;
}

/** Beginnings of so many letters are in the index as words are (`prefix` of `clip_words`). */
const INDEXED_LETTERS = 3;
/** All beginnings of a search together may stand for so many words in clips: 1.5 ms to put together. */
const MOST_ENTRIES = 12_000;
/** Different words that are looked at to know: half a millisecond. */
const MOST_WORDS = 1500;
/** Clips that are looked at in one go, and text of theirs that is split into words: a quarter of a millisecond. */
const PAGE = 50;
const TEXT_AT_ONCE = 10_000;
/** What words are made of, at the least: whatever the index takes for a part of a word is one of these. */
const LAST_WORD = /([\p{L}\p{N}\p{M}\p{Co}]+)[^\p{L}\p{N}\p{M}\p{Co}]*$/u;
const HAS_TEXT = /[\p{L}\p{N}]/u;

/**
 * Searches for beginnings of very many different words (`event*` where each clip has `event4711` and the like): FTS5 would put the clips of
 * all these words together before it tells the first, and hold the event loop for 26 ms at 10,000 clips. Instead the index is asked for
 * the first three letters, which it has ready, and a table of a few clips at a time, split into words by the same rules, which of them are
 * meant. Between two of these steps everybody else gets a turn.
 */
export class BroadSearch {
  readonly #words: StatementSync;
  readonly #candidates: StatementSync;
  readonly #insert: StatementSync;
  readonly #match: StatementSync;
  readonly #clear: StatementSync;

  readonly #mostEntries: number;

  /** `mostEntries`: words in clips that beginnings may stand for; with more they are broad. */
  constructor(db: Pick<DatabaseSync, 'prepare'>, mostEntries = MOST_ENTRIES) {
    this.#mostEntries = mostEntries;
    db.prepare(`CREATE VIRTUAL TABLE temp.indexed_words USING fts5vocab (main, clip_words, row)`).run();
    db.prepare(
      `CREATE VIRTUAL TABLE temp.candidates USING fts5 (
         words, facts, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
       )`,
    ).run();
    this.#words = db.prepare(
      `SELECT count(*) AS words, total(doc) AS entries FROM
         (SELECT doc FROM temp.indexed_words WHERE term >= ? AND term < ? LIMIT ${MOST_WORDS})`,
    );
    this.#candidates = db.prepare(
      `SELECT ${SUMMARY_COLUMNS}, place, events, notes FROM clip_words JOIN clips ON clips.id = clip_words.rowid
       WHERE clip_words MATCH ? AND clip_words.rowid >= ? AND clip_words.rowid < ? ORDER BY clip_words.rowid DESC LIMIT ${PAGE}`,
    );
    this.#candidates.setReturnArrays(true);
    this.#insert = db.prepare(`INSERT INTO temp.candidates (rowid, words, facts) VALUES (?, ?, '${EVERY_CLIP}')`);
    this.#match = db.prepare('SELECT rowid AS id FROM temp.candidates WHERE candidates MATCH ?');
    this.#clear = db.prepare(`INSERT INTO temp.candidates (candidates) VALUES ('delete-all')`);
  }

  /** Undefined for a filter that `ClipTable.find` answers at once. Throws `bad_argument`. */
  plan(filter: ClipFilter): BroadPlan | undefined {
    const terms = readTerms(filter.words ?? '');
    let left = this.#mostEntries;
    const broad = terms.filter((term) => {
      if (!isLongPrefix(term)) return false;
      if (left >= 0) left -= this.#entriesOf(term);
      return left < 0;
    });
    if (broad.length === 0) return undefined;
    const wide = terms.flatMap((term) => (broad.includes(term) ? widened(term) : [term]));
    return { wide: expressionOf(wide, filter), exact: expressionOf(terms, {}) };
  }

  /** What `ClipTable.find` would find. */
  async find({ wide, exact }: BroadPlan, { from, until, limit }: WantedIds): Promise<readonly SummaryRow[]> {
    const found: SummaryRow[] = [];
    for (let before = until; ; ) {
      await setImmediate();
      const page = this.#candidates.all(wide, from, before) as unknown as CandidateRow[];
      for (const candidates of bySize(page)) {
        await setImmediate();
        found.push(...this.#matching(candidates, exact));
        if (found.length >= limit) return found.slice(0, limit);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return found;
      before = last[0];
    }
  }

  #entriesOf({ text }: Term): number {
    const beginning = folded(lastWord(text));
    const { words, entries } = this.#words.get(beginning, `${beginning}\u{10ffff}`) as unknown as WordCount;
    return words === MOST_WORDS ? Number.POSITIVE_INFINITY : entries;
  }

  #matching(candidates: readonly CandidateRow[], expression: string): readonly SummaryRow[] {
    for (const row of candidates) this.#insert.run(row[0], textOf(row));
    const meant = new Set(this.#match.all(expression).map(({ id }) => id));
    this.#clear.run();
    return candidates.filter(([id]) => meant.has(id)).map((row) => row.slice(0, -3) as unknown as SummaryRow);
  }
}

interface WordCount {
  readonly words: number;
  readonly entries: number;
}

type CandidateRow = readonly [...SummaryRow, place: string | null, events: string | null, notes: string | null];

const textOf = ([, , camera, , , , , , label, , place, events, notes]: CandidateRow): string => {
  const text = (value: string | null): string => value ?? '';
  return wordsOf({ camera, label: text(label), place: text(place), events: text(events), notes: text(notes) });
};

/** A term that is in every clip that this one is in, and cheaper; none for one that must not be there. */
function widened({ text, isUnwanted }: Term): Term[] {
  if (isUnwanted) return [];
  const last = lastWord(text);
  const before = text.slice(0, text.lastIndexOf(last));
  if (HAS_TEXT.test(before)) return [{ text: before, isPrefix: false, isUnwanted }];
  return [{ text: [...last].slice(0, INDEXED_LETTERS).join(''), isPrefix: true, isUnwanted }];
}

const isLongPrefix = ({ text, isPrefix }: Term): boolean => isPrefix && lastWord(text).length > INDEXED_LETTERS;

const lastWord = (text: string): string => LAST_WORD.exec(text)?.[1] ?? '';

/** About as the index writes words: it only tells how many there are. */
const folded = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

function* bySize(page: readonly CandidateRow[]): Generator<readonly CandidateRow[]> {
  let [group, size]: [CandidateRow[], number] = [[], 0];
  for (const row of page) {
    group.push(row);
    size += textOf(row).length;
    if (size < TEXT_AT_ONCE) continue;
    yield group;
    [group, size] = [[], 0];
  }
  if (group.length > 0) yield group;
}
