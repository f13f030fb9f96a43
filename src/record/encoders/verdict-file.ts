import { open, readFile, rename } from 'node:fs/promises';
import { ENCODER_NAMES } from '../../base/encoder-names.ts';
import type { Demotion } from './demotions.ts';
import { type EncoderMemory, NOTHING_REMEMBERED, type StoredVerdict, type VerdictStore } from './verdict-store.ts';

const VERSION = 1;
/** The newest of each are kept. */
const MOST_VERDICTS = 64;
const MOST_DEMOTIONS = 20;

/** A JSON file in the state folder, replaced as a whole. */
export class VerdictFile implements VerdictStore {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async load(): Promise<EncoderMemory> {
    try {
      return readMemory(JSON.parse(await readFile(this.path, 'utf8')));
    } catch {
      return NOTHING_REMEMBERED;
    }
  }

  async save({ verdicts, demotions }: EncoderMemory): Promise<void> {
    const kept = { verdicts: verdicts.slice(-MOST_VERDICTS), demotions: demotions.slice(-MOST_DEMOTIONS) };
    const next = `${this.path}.next`;
    {
      await using file = await open(next, 'w', 0o640);
      await file.writeFile(`${JSON.stringify({ version: VERSION, ...kept }, undefined, 1)}\n`);
      await file.sync();
    }
    await rename(next, this.path);
  }
}

/** Somebody's file: what is not as we write it is left out. */
function readMemory(json: unknown): EncoderMemory {
  if (!isObject(json) || json['version'] !== VERSION) return NOTHING_REMEMBERED;
  return { verdicts: itemsOf(json['verdicts'], isStoredVerdict), demotions: itemsOf(json['demotions'], isDemotion) };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const itemsOf = <T>(value: unknown, isItem: (item: unknown) => item is T): readonly T[] =>
  Array.isArray(value) ? value.filter(isItem) : [];

function isStoredVerdict(item: unknown): item is StoredVerdict {
  if (!isObject(item) || !isObject(item['verdict'])) return false;
  const { works, reason, likenessDb } = item['verdict'];
  const isWhole = works === true ? isNumber(likenessDb) : works === false && isText(reason);
  return isWhole && isText(item['key']) && isText(item['about']) && isText(item['at']);
}

const isDemotion = (item: unknown): item is Demotion =>
  isObject(item) &&
  ENCODER_NAMES.some((name) => name === item['encoder']) &&
  [item['size'], item['reason'], item['at']].every(isText);

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
