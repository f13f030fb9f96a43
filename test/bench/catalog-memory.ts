/** Prints how many bytes more this process holds with a catalogue of 10,000 clips open and in use than without. */
import { setTimeout as sleep } from 'node:timers/promises';

const CLIPS = 10_000;
const SEARCHES = 1000;
const SETTLE_MS = 300;

const { wordyClip, word } = await import('./catalog-clips.ts');
for (let n = 0; n < CLIPS; n++) wordyClip(n);
await sleep(SETTLE_MS);
globalThis.gc?.();
const before = process.memoryUsage.rss();
const { Database } = await import('../../src/catalog/database.ts');
const { ClipTable } = await import('../../src/catalog/clip-table.ts');
const db = await Database.open(process.argv[2]!);
const clips = new ClipTable(db);
for (let n = 0; n < CLIPS; n += 10) {
  await db.write('add', () => {
    for (let i = n; i < n + 10; i++) clips.put(wordyClip(i));
    clips.tidy();
  });
}
for (let n = 0; n < SEARCHES; n++) clips.find({ limit: 10, words: word(n) });
await sleep(SETTLE_MS);
globalThis.gc?.();
process.stdout.write(`${process.memoryUsage.rss() - before}\n`);
await db[Symbol.asyncDispose]();
