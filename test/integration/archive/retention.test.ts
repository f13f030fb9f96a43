import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClipRecord } from '../../../src/catalog/clips/clip-record.ts';
import type { RetentionRules } from '../../../src/catalog/clips/retention.ts';
import { ClipArchive } from '../../../src/record/archive/clip-archive.ts';
import { RetentionKeeper, type RetentionOptions } from '../../../src/record/archive/retention-keeper.ts';
import { FilesInUse } from '../../../src/record/made/files-in-use.ts';
import { clipRecord } from '../../support/clip-records.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { LogCollector } from '../../support/log-collector.ts';
import { madeRecord } from '../../support/made-records.ts';

const MIB = 2 ** 20;
const DISK_MIB = 24;
const HOUR_MS = 3_600_000;

/** A real small disk. Dispose to unmount it. */
class SmallDisk implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'cambox-small-'));

  constructor() {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', this.dir]);
  }

  /** For whoever opens something from now on, as when the kernel gives up on a disk. */
  makeReadOnly(): void {
    execFileSync('mount', ['--bind', this.dir, this.dir]);
    execFileSync('mount', ['-o', 'remount,ro,bind', this.dir]);
  }

  makeWritable(): void {
    execFileSync('umount', [this.dir]);
  }

  fill(name: string, bytes: number): void {
    writeFileSync(join(this.dir, name), Buffer.alloc(bytes, 1));
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.dir);
    return bavail * bsize;
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['-l', this.dir]);
    rmSync(this.dir, { recursive: true });
  }
}

/** Clips of a MiB each, their files and rows. */
async function addClips(
  disk: SmallDisk,
  archive: ClipArchive,
  count: number,
  parts: Partial<ClipRecord> = {},
): Promise<void> {
  for (let n = 0; n < count; n++) {
    disk.fill(`clip-${n}.mp4`, MIB);
    await archive.put([clipRecord(n, { bytes: MIB, ...parts })]);
  }
}

function keeperOf(archive: ClipArchive, logger: LogCollector, parts: Partial<RetentionOptions> = {}): RetentionKeeper {
  return new RetentionKeeper({
    ...{ archive, clock: new FakeClock(), logger, clockSynced: () => true, recording: () => [] },
    rules: () => ({ leastFreeBytes: 8 * MIB }),
    ...parts,
  });
}

const open = (disk: SmallDisk, logger = new LogCollector()): Promise<ClipArchive> =>
  ClipArchive.open({ dir: disk.dir, logger, nowMs: 1 });
const clipsOf = (archive: ClipArchive): string[] => archive.find({ limit: 100 }).clips.map(({ clip }) => clip);

test('retention deletes the oldest clips, and no more than needed, when the disk gets full', async () => {
  using disk = new SmallDisk();
  const logger = new LogCollector();
  await using archive = await open(disk);
  await addClips(disk, archive, 20);
  const keeper = keeperOf(archive, logger);
  assert.ok(disk.freeBytes < 4 * MIB);
  await keeper.sweep();
  assert.ok(disk.freeBytes >= 8 * MIB && disk.freeBytes < 10 * MIB, `${disk.freeBytes} bytes free`);
  const left = clipsOf(archive);
  assert.deepEqual(
    left,
    Array.from({ length: left.length }, (_, n) => `clip-${19 - n}`),
  );
  assert.equal(logger.of('clip_expired').length, 20 - left.length);
  assert.equal(keeper.level, 'ok');
});

test('retention keeps room for clips under way', async () => {
  using disk = new SmallDisk();
  await using archive = await open(disk);
  await addClips(disk, archive, 12);
  const recording = () => [{ clip: 'now', camera: 'front', finish: () => undefined }];
  await keeperOf(archive, new LogCollector(), { recording }).sweep(); // at 0.1 MB/s for two minutes
  assert.ok(disk.freeBytes >= 20 * MIB, `${disk.freeBytes} bytes free`);
});

test('retention ends recordings and refuses new ones when all is protected, and goes on when there is room', async () => {
  using disk = new SmallDisk();
  const logger = new LogCollector();
  await using archive = await open(disk);
  await addClips(disk, archive, 22, { protected: true });
  let finished = 0;
  const recording = () => [{ clip: 'now', camera: 'front', finish: () => finished++ }];
  const keeper = keeperOf(archive, logger, { recording });
  await keeper.sweep();
  assert.deepEqual(
    [keeper.level, finished, keeper.refusal()?.code, clipsOf(archive).length],
    ['full', 1, 'disk_full', 22],
  );
  await archive.change('clip-0', { protected: false });
  for (let n = 1; n < 22; n++) await archive.change(`clip-${n}`, { protected: false });
  await keeper.sweep();
  assert.equal(keeper.refusal(), undefined);
  assert.deepEqual(
    logger.events.filter((event) => event.startsWith('disk_')),
    ['disk_full', 'disk_ok'],
  );
});

test('retention makes room on a disk that has not a byte left', async () => {
  using disk = new SmallDisk();
  const logger = new LogCollector();
  await using archive = await open(disk);
  await addClips(disk, archive, 10);
  assert.throws(() => disk.fill('other', DISK_MIB * MIB), { code: 'ENOSPC' });
  assert.equal(disk.freeBytes, 0);
  await keeperOf(archive, logger, { rules: () => ({ leastFreeBytes: 4 * MIB }) }).sweep();
  assert.ok(disk.freeBytes >= 4 * MIB, `${disk.freeBytes} bytes free`);
  assert.equal(existsSync(join(disk.dir, 'clip-0.mp4')), false);
  assert.equal(archive.lookUp('clip-0'), undefined);
});

test('catalogue opens on a disk that has not a byte left, by the room it kept', async () => {
  using disk = new SmallDisk();
  {
    await using archive = await open(disk);
    await addClips(disk, archive, 10);
    await keeperOf(archive, new LogCollector()).sweep();
  }
  assert.throws(() => disk.fill('other', DISK_MIB * MIB), { code: 'ENOSPC' });
  await using archive = await open(disk);
  await keeperOf(archive, new LogCollector()).sweep();
  assert.ok(disk.freeBytes >= 8 * MIB, `${disk.freeBytes} bytes free`);
});

/** Makes a file one that cannot be removed until disposed of: something is mounted on it. */
function unremovable(path: string): Disposable {
  execFileSync('mount', ['--bind', path, path]);
  return { [Symbol.dispose]: () => execFileSync('umount', [path]) };
}

test('retention deletes others in place of a file that cannot be removed, and that one when it can', async () => {
  using disk = new SmallDisk();
  const [clock, logger] = [new FakeClock(), new LogCollector()];
  await using archive = await open(disk);
  await addClips(disk, archive, 6, { started_at: new Date(clock.wall() - 9 * HOUR_MS).toISOString() });
  await addCuts(disk, archive, clock, [9]);
  const rules = { leastFreeBytes: 1, maxBytes: 3 * MIB, maxAgeMs: HOUR_MS };
  const keeper = keeperOf(archive, logger, { clock, clockSynced: () => false, rules: () => rules });
  const clockOfAges = keeperOf(archive, logger, { clock, rules: () => ({ ...rules, maxBytes: 100 * MIB }) });
  {
    using _clip = unremovable(join(disk.dir, 'clip-0.mp4'));
    using _cut = unremovable(join(disk.dir, madeRecord(0).file));
    for (let round = 0; round < 3; round++) await keeper.sweep();
    assert.deepEqual([clipsOf(archive), cutsOf(archive)], [['clip-5', 'clip-0'], ['clip-0']]);
    assert.deepEqual(
      keeper.stuck.map(({ name }) => name),
      [madeRecord(0).file, 'clip-0'],
    );
    assert.equal(logger.of('retention_failed').length, 2, 'each is told once');
    await clockOfAges.sweep();
    assert.deepEqual(clipsOf(archive), ['clip-0'], 'by age, too');
  }
  await clock.advance(60_000);
  await clockOfAges.sweep();
  assert.deepEqual([clipsOf(archive), cutsOf(archive), clockOfAges.stuck], [[], [], []]);
  await keeper.sweep();
  assert.deepEqual(keeper.stuck, [], 'no room is needed any more');
});

test('retention purges the quarantine past a file that cannot be removed', async () => {
  using disk = new SmallDisk();
  await using archive = await open(disk);
  execFileSync('mkdir', [join(disk.dir, 'quarantine')]);
  for (const name of ['a', 'b', 'c']) disk.fill(`quarantine/${name}.mp4.partial`, MIB);
  using _stuck = unremovable(join(disk.dir, 'quarantine/b.mp4.partial'));
  const keeper = keeperOf(archive, new LogCollector(), { rules: () => ({ leastFreeBytes: DISK_MIB * MIB }) });
  await keeper.sweep();
  assert.deepEqual(readdirSync(join(disk.dir, 'quarantine')), ['b.mp4.partial']);
  assert.equal(keeper.stuck.length, 1);
});

test('retention says that a disk is read-only, deletes nothing, and goes on when it can be written', async () => {
  using disk = new SmallDisk();
  const logger = new LogCollector();
  await using archive = await open(disk);
  await addClips(disk, archive, 20);
  const keeper = keeperOf(archive, logger);
  disk.makeReadOnly();
  await keeper.sweep();
  await keeper.sweep();
  assert.equal(keeper.level, 'read_only');
  assert.equal(clipsOf(archive).length, 20);
  assert.equal(logger.of('disk_read_only').length, 1);
  await assert.rejects(archive.delete('clip-0'), { code: 'not_writable' });
  assert.equal(archive.get('clip-0').state, 'ready');
  disk.makeWritable();
  await keeper.sweep();
  assert.deepEqual([keeper.level, clipsOf(archive).length < 20], ['ok', true]);
});

test('retention purges the quarantine when room is needed and no clip is left to delete', async () => {
  using disk = new SmallDisk();
  await using archive = await open(disk);
  execFileSync('mkdir', [join(disk.dir, 'quarantine')]);
  const keeper = keeperOf(archive, new LogCollector());
  disk.fill('quarantine/a.mp4.partial', MIB);
  await keeper.sweep();
  assert.ok(existsSync(join(disk.dir, 'quarantine/a.mp4.partial')), 'there is room');
  disk.fill('other', 15 * MIB);
  await keeper.sweep();
  assert.equal(existsSync(join(disk.dir, 'quarantine/a.mp4.partial')), false);
});

test('retention forecasts how long the disk lasts', async () => {
  using disk = new SmallDisk();
  await using archive = await open(disk);
  const clock = new FakeClock();
  const started_at = new Date(clock.wall() - 3_600_000).toISOString();
  await archive.put([clipRecord(0, { bytes: 2 * MIB, started_at })]);
  const keeper = keeperOf(archive, new LogCollector(), { clock });
  await keeper.sweep();
  const { free_bytes, hours_left } = keeper.report() as { free_bytes: number; hours_left: number };
  assert.ok(Math.abs(hours_left - free_bytes / (2 * MIB)) < 0.1, String(hours_left));
});

/** Cuts of a MiB each, made so many hours ago, their files and rows. */
async function addCuts(disk: SmallDisk, archive: ClipArchive, clock: FakeClock, hoursAgo: readonly number[]) {
  for (const [n, hours] of hoursAgo.entries()) {
    const record = madeRecord(n, { bytes: MIB, made_at: new Date(clock.wall() - hours * HOUR_MS).toISOString() });
    disk.fill(record.file, MIB);
    await archive.made.put([record]);
  }
}

const cutsOf = (archive: ClipArchive): string[] => archive.made.find({ limit: 100 }).made.map(({ clip }) => clip);

test('retention deletes what was made of clips before clips, but not what a job reads or what is new', async () => {
  using disk = new SmallDisk();
  const inUse = new FilesInUse();
  const [clock, logger] = [new FakeClock(), new LogCollector()];
  await using archive = await ClipArchive.open({ dir: disk.dir, logger, nowMs: 1, inUse });
  await addCuts(disk, archive, clock, [9, 8, 7, 0.1]);
  await addClips(disk, archive, 16);
  using _held = inUse.hold([madeRecord(0).file]);
  const keeper = keeperOf(archive, logger, { clock });
  await keeper.sweep();
  assert.deepEqual(cutsOf(archive), ['clip-3', 'clip-0']);
  assert.equal(logger.of('made_expired').length, 2);
  assert.ok(logger.of('clip_expired').length > 0, 'clips had to go, too');
  assert.ok(disk.freeBytes >= 8 * MIB && disk.freeBytes < 10 * MIB, `${disk.freeBytes} bytes free`);
  for (const clip of clipsOf(archive)) await archive.change(clip, { protected: true });
  await keeperOf(archive, logger, { clock, rules: () => ({ leastFreeBytes: 20 * MIB }) }).sweep();
  assert.deepEqual(cutsOf(archive), ['clip-0']);
});

test('retention counts what was made of clips into the quotas', async () => {
  using disk = new SmallDisk();
  const clock = new FakeClock();
  await using archive = await open(disk);
  await addCuts(disk, archive, clock, [9, 8]);
  await addClips(disk, archive, 3);
  const rules = { leastFreeBytes: MIB, cameraMaxBytes: 4.5 * MIB };
  await keeperOf(archive, new LogCollector(), { clock, rules: () => rules }).sweep();
  assert.deepEqual([cutsOf(archive), clipsOf(archive).length], [['clip-1'], 3]);
  await keeperOf(archive, new LogCollector(), {
    clock,
    rules: () => ({ leastFreeBytes: MIB, maxBytes: 2 * MIB }),
  }).sweep();
  assert.deepEqual([cutsOf(archive), clipsOf(archive)], [[], ['clip-2', 'clip-1']]);
});

test('retention counts clips under way into the quota of their camera, and what jobs write into that of all', async () => {
  using disk = new SmallDisk();
  await using archive = await open(disk);
  await addClips(disk, archive, 3, { duration_ms: 1_000_000 });
  disk.fill('now.mp4.partial', 4 * MIB);
  disk.fill('cut.mp4.part', 4 * MIB);
  const recording = () => [{ clip: 'now', camera: 'front', finish: () => undefined }];
  const keeper = (limits: Partial<RetentionRules>) =>
    keeperOf(archive, new LogCollector(), { recording, rules: () => ({ leastFreeBytes: 1, ...limits }) });
  await keeper({ maxBytes: 11 * MIB, cameraMaxBytes: 7 * MIB }).sweep();
  assert.deepEqual(clipsOf(archive), ['clip-2', 'clip-1', 'clip-0']);
  await keeper({ cameraMaxBytes: 6 * MIB }).sweep();
  assert.deepEqual(clipsOf(archive), ['clip-2', 'clip-1']);
  await keeper({ maxBytes: 9 * MIB }).sweep();
  assert.deepEqual(clipsOf(archive), ['clip-2']);
});

test('retention deletes by the age of each class, past clips whose time is not known to be right', async () => {
  using disk = new SmallDisk();
  const clock = new FakeClock();
  await using archive = await open(disk);
  await addCuts(disk, archive, clock, [5, 3]);
  const clip = (n: number, hours: number, parts: Partial<ClipRecord>): ClipRecord =>
    clipRecord(n, { started_at: new Date(clock.wall() - hours * HOUR_MS).toISOString(), ...parts });
  await archive.put([
    clip(0, 90, { clock_synced: false }),
    clip(1, 80, { class: 'alarm' }),
    clip(2, 70, { class: 'alarm', protected: true }),
    clip(3, 60, {}),
    clip(4, 50, { class: 'patrol' }),
    clip(5, 2, { class: 'patrol' }),
    clip(6, 1, {}),
  ]);
  const rules = {
    ...{ leastFreeBytes: MIB, maxAgeMs: 55 * HOUR_MS },
    classMaxAgeMs: new Map(Object.entries({ alarm: 100 * HOUR_MS, patrol: 3 * HOUR_MS, cut: 4 * HOUR_MS })),
  };
  await keeperOf(archive, new LogCollector(), { clock, rules: () => rules, clockSynced: () => false }).sweep();
  const unknown = keeperOf(archive, new LogCollector(), { clock, rules: () => rules, clockSynced: () => undefined });
  await unknown.sweep();
  assert.equal(unknown.lacksClock, true);
  assert.equal(clipsOf(archive).length, 7);
  await keeperOf(archive, new LogCollector(), { clock, rules: () => rules }).sweep();
  assert.deepEqual(clipsOf(archive), ['clip-6', 'clip-5', 'clip-2', 'clip-1', 'clip-0']);
  assert.deepEqual(cutsOf(archive), ['clip-1']);
});

test('retention looks at all classes, some in each round, when there are many', async () => {
  using disk = new SmallDisk();
  const clock = new FakeClock();
  await using archive = await open(disk);
  const started_at = new Date(clock.wall() - HOUR_MS).toISOString();
  const classes = Array.from({ length: 250 }, (_, n) => `class-${String(n).padStart(3, '0')}`);
  await archive.put(classes.map((name, n) => clipRecord(n, { started_at, class: name })));
  const classMaxAgeMs = new Map([['class-249', 1000]]);
  const keeper = keeperOf(archive, new LogCollector(), {
    clock,
    rules: () => ({ leastFreeBytes: MIB, classMaxAgeMs }),
  });
  await keeper.sweep();
  assert.equal(archive.lookUp('clip-249')?.state, 'ready', 'it is too far behind');
  for (let round = 0; round < 2; round++) await keeper.sweep();
  assert.equal(archive.lookUp('clip-249'), undefined);
});

test('retention refuses a job that would take the room of what is recorded', async () => {
  using disk = new SmallDisk();
  await using archive = await open(disk);
  const keeper = keeperOf(archive, new LogCollector());
  await keeper.sweep();
  assert.equal(keeper.refusalOf(10 * MIB), undefined);
  assert.equal(keeper.refusalOf(DISK_MIB * MIB)?.code, 'disk_full');
  assert.equal(keeper.refusal(), undefined);
});
