import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { ClipShelf } from '../../../../src/app/shelf/clip-shelf.ts';
import { Backoff } from '../../../../src/base/backoff.ts';
import { StoredCatalogue } from '../../../../src/record/archive/stored-catalogue.ts';
import { clipRecord } from '../../../support/clip-records.ts';
import { clipResult } from '../../../support/clip-results.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { RecordingFolder } from '../../../support/recording-folder.ts';

const CACHE_BYTES = 256 * 1024;
/** Clips that take more. */
const MANY = 500;
const NOTES = 'word '.repeat(200);

let folder: RecordingFolder;
let clock: FakeClock;
let logger: LogCollector;

beforeEach(() => {
  folder = new RecordingFolder();
  clock = new FakeClock();
  logger = new LogCollector();
});
afterEach(() => folder[Symbol.dispose]());

const shelfOf = (): ClipShelf =>
  new ClipShelf({
    ...{ dir: folder.dir, ffprobe: 'ffprobe', bootId: 'now', clock, logger },
    backoff: new Backoff({ firstMs: 1000, maxMs: 1000 }, () => 1),
    clockSynced: () => false,
    rules: () => ({ leastFreeBytes: 1 }),
    recording: () => [],
    tell: () => undefined,
  });

/** A catalogue that SQLite cannot hold in memory, and that has the clips of the folder, too. */
async function fill(): Promise<void> {
  await using archive = await folder.open();
  await archive.put(Array.from({ length: MANY }, (_, n) => clipRecord(n, { notes: NOTES })));
  await folder.reconcile(archive);
}

/** As a card does that loses what it holds. */
function damage(): void {
  const path = folder.path('catalog.db');
  const file = openSync(path, 'r+');
  writeSync(file, randomFillSync(Buffer.alloc(statSync(path).size - 8192)), 0, undefined, 8192);
  closeSync(file);
}

/** The disk takes real time, waits of the shelf the clock's. */
async function passing(what: string, stepMs: number, isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  while (!isSo()) {
    assert.ok(performance.now() < giveUpAt, `never: ${what}`);
    await clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const isReady = (times: number) => (): boolean => logger.of('catalog_ready').length === times;

const clipsOf = async (shelf: ClipShelf): Promise<readonly string[]> =>
  (await shelf.find({ words: 'label', limit: 20 })).clips.map(({ clip }) => clip).toSorted();
const codeOf = (shelf: ClipShelf): string | undefined => shelf.checks()[0]?.code;

test('a catalogue that is damaged while it is used is made anew, with the clips that were recorded meanwhile', async () => {
  await folder.record('before', 'meanwhile');
  await fill();
  await using shelf = shelfOf();
  await shelf.start();
  await shelf.reconciled;
  assert.equal(codeOf(shelf), undefined);
  damage();
  await assert.rejects(shelf.find({ limit: 2 * MANY }), { code: 'bad_input' });
  assert.equal(codeOf(shelf), 'catalog_unavailable');
  assert.equal(typeof shelf.report()['state'], 'string');
  shelf.add(clipResult('meanwhile', { path: folder.path('meanwhile.mp4') }));
  await passing('it is made anew', 100, isReady(2));
  assert.equal(codeOf(shelf), 'catalog_rebuilt');
  assert.deepEqual(await clipsOf(shelf), ['before', 'meanwhile']);
  assert.equal(shelf.report()['clips'], 2);
});

test('health and sweeps that meet the damage first have the catalogue made anew, too', async () => {
  await folder.record('before');
  await fill();
  await using shelf = shelfOf();
  await shelf.start();
  await shelf.reconciled;
  damage();
  await passing('it is made anew', 1000, () => {
    shelf.add(clipResult('another', { path: null })); // usage is counted anew
    assert.equal(typeof shelf.report()['state'], 'string');
    assert.ok(shelf.hoursLeft === null || shelf.hoursLeft >= 0);
    return isReady(2)();
  });
  assert.deepEqual(await clipsOf(shelf), ['before']);
});

test('a disk that damages the catalogue again and again has it made anew every ten minutes at most, and one copy is kept', async () => {
  await folder.record('before');
  await fill();
  await using shelf = shelfOf();
  await shelf.start();
  await shelf.reconciled;
  damage();
  await assert.rejects(shelf.find({ limit: 2 * MANY }));
  await passing('it is made anew', 100, isReady(2));
  for (let n = 0; n < MANY; n++)
    shelf.add(clipResult(`clip-${n}`, { path: folder.path(`clip-${n}.mp4`), detail: NOTES }));
  await passing('they are in the database, not in its log alone', 0, () => {
    shelf.add(clipResult('one-more', { path: folder.path('one-more.mp4') }));
    return statSync(folder.path('catalog.db')).size > CACHE_BYTES;
  });
  damage();
  await assert.rejects(shelf.find({ limit: 2 * MANY }));
  const damagedAtMs = clock.wall();
  await passing('it is closed', 100, () => shelf.archive === undefined);
  while (clock.wall() < damagedAtMs + 500_000) await clock.advance(10_000);
  assert.equal(logger.of('catalog_damaged').length, 1);
  await assert.rejects(shelf.find({ limit: 5 }), { code: 'bad_input' });
  await passing('it is made anew once more', 10_000, isReady(3));
  assert.equal(readdirSync(folder.dir).filter((name) => /^catalog\.db\.damaged-\d+$/.test(name)).length, 1);
});

test('a damaged catalogue that is looked at without the service is refused with the remedy', async () => {
  await fill();
  damage();
  assert.throws(() => StoredCatalogue.open(folder.dir), { code: 'bad_input', remedy: /made anew from the clips/ });
});
