import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CamboxError } from '../../../src/base/errors.ts';
import { CLIP_MIGRATIONS } from '../../../src/catalog/clips/clip-migrations.ts';
import type { ClipRecord } from '../../../src/catalog/clips/clip-record.ts';
import { ClipTable } from '../../../src/catalog/clips/clip-table.ts';
import { openCatalog } from '../../../src/catalog/clips/open-catalog.ts';
import { Database } from '../../../src/catalog/database.ts';
import { clipRecord } from '../../support/clip-records.ts';

/** More than the log holds before it goes into the database. */
const CLIPS_FOR_A_CHECKPOINT = 200;
const NOTES = 'word '.repeat(1000);

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cambox-catalog-'));
  path = join(dir, 'catalog.db');
});
afterEach(() => rmSync(dir, { recursive: true }));

const putAll = (clips: ClipTable, records: readonly ClipRecord[]): void => {
  for (const record of records) clips.put(record);
};

const codeOf = (failure: unknown): string => (failure instanceof CamboxError ? failure.code : String(failure));

describe('Database', () => {
  it('keeps what was written when it is closed and opened again', async () => {
    {
      await using db = await openCatalog(path);
      const clips = new ClipTable(db);
      await db.write('add', () => clips.put(clipRecord(1)));
    }
    await using db = await openCatalog(path);
    assert.deepEqual(new ClipTable(db).get('clip-1'), clipRecord(1));
  });

  it('shows a write at once and resolves it only when the log is on the disk', async () => {
    const disk = Promise.withResolvers<void>();
    const db = await openCatalog(path, { wrapFile: () => ({ datasync: () => disk.promise }) });
    const clips = new ClipTable(db);
    let durable = false;
    const writing = db
      .write('add', () => clips.put(clipRecord(1)))
      .then(() => {
        durable = true;
      });
    assert.equal(clips.get('clip-1')?.clip, 'clip-1');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(durable, false);
    disk.resolve();
    await writing;
    await db[Symbol.asyncDispose]();
  });

  it('shares one sync among writes that come while the disk is busy', async () => {
    let syncs = 0;
    const first = Promise.withResolvers<void>();
    const datasync = (): Promise<void> => (++syncs === 1 ? first.promise : Promise.resolve());
    await using db = await openCatalog(path, { wrapFile: () => ({ datasync }) });
    const clips = new ClipTable(db);
    const writes = Array.from({ length: 10 }, (_, n) => db.write('add', () => clips.put(clipRecord(n))));
    first.resolve();
    await Promise.all(writes);
    assert.equal(syncs, 2);
  });

  it('undoes a write whose work throws, and goes on', async () => {
    await using db = await openCatalog(path);
    const clips = new ClipTable(db);
    const failing = db.write('add', () => {
      clips.put(clipRecord(1));
      clips.change('no-such-clip', {});
    });
    await assert.rejects(failing, (failure) => codeOf(failure) === 'not_found');
    assert.equal(clips.get('clip-1'), undefined);
    await db.write('add', () => clips.put(clipRecord(2)));
    assert.equal(clips.get('clip-2')?.clip, 'clip-2');
  });

  it('syncs log, database and log again, with no write in between, when the log is full', async () => {
    const steps: string[] = [];
    const held = Promise.withResolvers<void>();
    await using db = await openCatalog(path, {
      wrapFile: (_, which) => ({
        datasync: async () => {
          steps.push(which);
          if (which === 'database') await held.promise;
        },
      }),
    });
    const clips = new ClipTable(db);
    const filling = Array.from({ length: CLIPS_FOR_A_CHECKPOINT }, (_, n) => clipRecord(n, { notes: NOTES }));
    await db.write('add', () => putAll(clips, filling));
    const late = db.write('add', () => clips.put(clipRecord(-1)));
    await new Promise((resolve) => setTimeout(resolve, 20)); // the checkpoint has begun, and waits
    assert.equal(clips.get('clip--1'), undefined);
    held.resolve();
    await late;
    assert.deepEqual(steps, ['log', 'log', 'database', 'log', 'log']);
  });

  it('refuses writes and loses nothing while the database cannot be synced, and goes on when it can', async () => {
    let broken = true;
    await using db = await openCatalog(path, {
      wrapFile: (_, which) => ({
        datasync: async () => {
          if (which === 'database' && broken) throw new Error('EIO: i/o error, fdatasync');
        },
      }),
    });
    const clips = new ClipTable(db);
    const filling = Array.from({ length: CLIPS_FOR_A_CHECKPOINT }, (_, n) => clipRecord(n, { notes: NOTES }));
    await db.write('add', () => putAll(clips, filling));
    await assert.rejects(
      db.write('add', () => clips.put(clipRecord(-1))),
      (failure) => codeOf(failure) === 'device_failed',
    );
    assert.equal(clips.get('clip-0')?.clip, 'clip-0');
    broken = false;
    await db.write('add', () => clips.put(clipRecord(-1)));
    assert.equal(clips.get('clip--1')?.clip, 'clip--1');
    assert.ok(db.syncFailures > 0);
  });

  it('is refused as bad_input when the file is damaged', async () => {
    writeFileSync(path, Buffer.alloc(8192, 'no database'));
    await assert.rejects(openCatalog(path), (failure) => codeOf(failure) === 'bad_input');
  });

  it('names its own folder and fate when it cannot be used, not those of the clips', async () => {
    const remedyOf = async (file: string): Promise<string | undefined> =>
      await Database.open(file, { migrations: [] }).then(
        () => undefined,
        (failure: CamboxError) => failure.remedy,
      );
    writeFileSync(path, Buffer.alloc(8192, 'no database'));
    assert.match(String(await remedyOf(path)), /begun anew, without what it held/);
    assert.match(String(await remedyOf(join(dir, 'none', 'state.db'))), new RegExp(`owner of ${join(dir, 'none')}`));
    await assert.rejects(openCatalog(path), { remedy: /made anew from the clips/ });
  });

  it('is refused as unsupported when a newer cambox made it', async () => {
    const newer = new DatabaseSync(path);
    newer.exec(`PRAGMA user_version = ${CLIP_MIGRATIONS.length + 1}`);
    newer.close();
    await assert.rejects(openCatalog(path), (failure) => codeOf(failure) === 'unsupported');
  });

  it('takes no write once it is closed', async () => {
    const db = await openCatalog(path);
    await db[Symbol.asyncDispose]();
    await assert.rejects(
      db.write('add', () => undefined),
      (failure) => codeOf(failure) === 'busy',
    );
  });
});
