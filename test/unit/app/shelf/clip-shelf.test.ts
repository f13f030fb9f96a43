import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { ClipShelf, type ShelfOptions } from '../../../../src/app/shelf/clip-shelf.ts';
import { Backoff } from '../../../../src/base/backoff.ts';
import { type WallMs, wallMs } from '../../../../src/base/units.ts';
import { clipResult } from '../../../support/clip-results.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { LogCollector } from '../../../support/log-collector.ts';
import { until } from '../../../support/until.ts';

/** A clock whose wall time can be set. */
class SetClock extends FakeClock {
  aheadMs = 0;

  override wall(): WallMs {
    return wallMs(super.wall() + this.aheadMs);
  }
}

let dir: string;
let clock: SetClock;
let logger: LogCollector;
let told: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cambox-shelf-'));
  clock = new SetClock();
  logger = new LogCollector();
  told = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const shelfOf = (parts: Partial<ShelfOptions> = {}): ClipShelf =>
  new ClipShelf({
    ...{ dir, ffprobe: 'ffprobe', bootId: 'now', clock, logger },
    backoff: new Backoff({ firstMs: 1000, maxMs: 1000 }, () => 1),
    clockSynced: () => false,
    rules: () => ({ leastFreeBytes: 1 }),
    recording: () => [],
    tell: (event) => told.push(event),
    ...parts,
  });

const resultOf = (clip: string) => clipResult(clip, { path: join(dir, `${clip}.mp4`) });

test('shelf lists a clip from the moment on at which it is told of it', async () => {
  await using shelf = shelfOf();
  await shelf.start();
  shelf.add(resultOf('one'));
  assert.deepEqual(
    (await shelf.find({ limit: 5 })).clips.map(({ clip }) => clip),
    ['one'],
  );
});

test('shelf corrects clips that are over, and those under way when they are over, once the clock is set', async () => {
  await using shelf = shelfOf({ recording: () => [{ clip: 'under-way', camera: 'front', finish: () => undefined }] });
  await shelf.start();
  shelf.add(resultOf('over'));
  clock.aheadMs += 3_600_000;
  await clock.advance(2000);
  await until('it says so', () => told.includes('clock.stepped'));
  shelf.add(resultOf('under-way'));
  shelf.add(resultOf('after'));
  const startOf = (clip: string): string => shelf.get(clip).started_at;
  assert.deepEqual(['over', 'under-way', 'after'].map(startOf), [
    '2025-06-01T13:00:00.000Z',
    '2025-06-01T13:00:00.000Z',
    '2025-06-01T12:00:00.000Z',
  ]);
  assert.equal(logger.of('clock_stepped')[0]?.fields['corrected_clips'], 1);
});

test('shelf says of a clip under way that it is being recorded, and knows it when it is over', async () => {
  let recording = [{ clip: 'now', camera: 'front', finish: () => undefined }];
  await using shelf = shelfOf({ recording: () => recording });
  await shelf.start();
  const underWay = { code: 'conflict', message: /clip now as it is still being recorded.*cambox clip stop/ };
  assert.throws(() => shelf.get('now'), underWay);
  await assert.rejects(shelf.change('now', { protected: true }), underWay);
  await assert.rejects(shelf.delete('now'), underWay);
  assert.throws(() => shelf.get('other'), { code: 'not_found' });
  shelf.add(resultOf('now'));
  recording = [];
  assert.equal(shelf.get('now').clip, 'now');
  assert.equal((await shelf.change('now', { protected: true })).protected, true);
});

test('shelf opens the catalogue later when its folder is not there at first', async () => {
  const late = join(dir, 'late');
  await using shelf = shelfOf({ dir: late });
  await shelf.start();
  await assert.rejects(shelf.find({ limit: 1 }), { code: 'not_writable' });
  assert.equal(shelf.checks()[0]?.code, 'catalog_unavailable');
  mkdirSync(late);
  await clock.advance(1000);
  await until('it is open', () => shelf.checks()[0]?.status === 'ok');
  assert.deepEqual((await shelf.find({ limit: 1 })).clips, []);
});
