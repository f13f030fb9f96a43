/** Prints how many bytes more this process holds with a catalogue of 10,000 clips open and in use than without. */
import { setTimeout as sleep } from 'node:timers/promises';

const CLIPS = 10_000;
const SEARCHES = 1000;
const SETTLE_MS = 300;
const ROUNDS = 3;

const { wordyClip, word } = await import('./catalog-clips.ts');
for (let n = 0; n < CLIPS; n++) wordyClip(n);
const before = await settledRss();
const { openCatalog } = await import('../../src/catalog/clips/open-catalog.ts');
const { ClipTable } = await import('../../src/catalog/clips/clip-table.ts');
const db = await openCatalog(process.argv[2]!);
const clips = new ClipTable(db);
for (let n = 0; n < CLIPS; n += 10) {
  await db.write('add', () => {
    for (let i = n; i < n + 10; i++) clips.put(wordyClip(i));
    clips.tidy();
  });
}
for (let n = 0; n < SEARCHES; n++) clips.find({ limit: 10, words: word(n) });
process.stdout.write(`${(await settledRss()) - before}\n`);
await db[Symbol.asyncDispose]();

/** Garbage is gone, and the pages it had are given back: that takes V8 more than one round. */
async function settledRss(): Promise<number> {
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(SETTLE_MS);
    globalThis.gc?.();
  }
  return process.memoryUsage.rss();
}
