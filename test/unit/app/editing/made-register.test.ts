import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MadeRegister, type MadeShelf } from '../../../../src/app/editing/made-register.ts';
import { CamboxError } from '../../../../src/base/errors.ts';
import type { MadeRecord } from '../../../../src/catalog/clips/made-record.ts';
import { FilesInUse } from '../../../../src/record/made/files-in-use.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const FULL = new CamboxError('disk_full', { verb: 'record into', thing: '/clips', reason: 'it is full' });

class FakeShelf implements MadeShelf {
  readonly inUse = new FilesInUse();
  readonly added: MadeRecord[] = [];
  readonly written = Promise.withResolvers<void>();

  refusal = (bytes: number): CamboxError | undefined => (bytes > 1000 ? FULL : undefined);
  hold = (files: readonly string[]): Disposable => this.inUse.hold(files);

  async addMade(_path: string, record: MadeRecord): Promise<void> {
    this.added.push(record);
    await this.written.promise;
  }
}

const depsOf = (shelf: MadeShelf) => ({
  shelf,
  origin: { box: 'box', clockSynced: () => true },
  clock: new FakeClock(),
});

test('a job keeps what it reads as long as it runs, and is over when what it made is written down', async () => {
  const shelf = new FakeShelf();
  const register = MadeRegister.begin(depsOf(shelf), 'job-1', ['/clips/a.mp4'], 1000);
  assert.ok(shelf.inUse.has('a.mp4'));
  const note = register.note({ kind: 'cut', clip: 'a', camera: 'front', startedMs: 0 });
  register.add(note, { path: '/clips/a-cut-0-1.mp4', bytes: 10, duration_ms: 1 });
  let isOver = false;
  const over = register[Symbol.asyncDispose]().then(() => (isOver = true));
  assert.equal(shelf.inUse.has('a.mp4'), false);
  await Promise.resolve();
  assert.equal(isOver, false);
  shelf.written.resolve();
  await over;
  const { file, kind, job, bytes, camera, started_at } = shelf.added[0]!;
  assert.deepEqual(
    [file, kind, job, bytes, camera, started_at],
    ['a-cut-0-1.mp4', 'cut', 'job-1', 10, 'front', '1970-01-01T00:00:00.000Z'],
  );
});

test('a job that would fill the disk is refused, and keeps nothing', () => {
  const shelf = new FakeShelf();
  assert.throws(() => MadeRegister.begin(depsOf(shelf), 'job-1', ['/clips/a.mp4'], 1001), FULL);
  assert.equal(shelf.inUse.has('a.mp4'), false);
});
