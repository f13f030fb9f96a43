import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, it } from 'node:test';
import { MADE_SCHEMA, MadeTable } from '../../../../src/catalog/clips/made-table.ts';
import { madeRecord } from '../../../support/made-records.ts';

let made: MadeTable;
const any = (): boolean => true;

beforeEach(() => {
  const db = new DatabaseSync(':memory:');
  db.exec(MADE_SCHEMA);
  made = new MadeTable(db);
});

describe('MadeTable', () => {
  it('gives back every field of a file', () => {
    const records = [
      madeRecord(1),
      madeRecord(2, { kind: 'timelapse', clock_synced: null }),
      madeRecord(3, { camera: '' }),
    ];
    for (const record of records) made.put(record);
    assert.deepEqual(
      records.map(({ file }) => made.get(file)),
      records,
    );
    assert.equal(made.get('another.mp4'), undefined);
  });

  it('replaces a file of the same name', () => {
    made.put(madeRecord(1, { bytes: 10 }));
    made.put(madeRecord(1, { bytes: 20 }));
    assert.deepEqual(
      made.usage().map((row) => ({ ...row })),
      [{ camera: 'front', files: 1, bytes: 20 }],
    );
  });

  it('lists the newest first, page after page, of a camera or a kind', () => {
    const { made_at } = madeRecord(0);
    for (let n = 0; n < 5; n++) made.put(madeRecord(n, { made_at })); // in the same millisecond
    made.put(madeRecord(5, { kind: 'timelapse', camera: 'rear' }));
    const first = made.find({ limit: 4 });
    const second = made.find({ limit: 4, ...(first.next !== undefined && { cursor: first.next }) });
    assert.deepEqual(
      [...first.made, ...second.made].map(({ file }) => file),
      [5, 4, 3, 2, 1, 0].map((n) => madeRecord(n).file),
    );
    assert.equal(second.next, undefined);
    assert.equal(made.find({ limit: 10, camera: 'rear' }).made.length, 1);
    assert.equal(made.find({ limit: 10, kind: 'cut' }).made.length, 5);
    assert.throws(() => made.find({ limit: 1, cursor: 'x' }), { code: 'bad_argument' });
  });

  it('tells the oldest that may go, of all or of a camera', () => {
    for (let n = 0; n < 3; n++) made.put(madeRecord(n, { camera: n === 2 ? 'rear' : 'front' }));
    made.setState(madeRecord(0).file, 'deleting');
    assert.equal(made.oldest(any)?.name, madeRecord(1).file);
    assert.equal(made.oldest(any, 'rear')?.name, madeRecord(2).file);
    assert.equal(made.oldest((file) => file !== madeRecord(1).file)?.name, madeRecord(2).file);
    assert.equal(
      made.oldest(() => false),
      undefined,
    );
  });

  it('tells the oldest of each kind, but for those that were made while the clock was wrong', () => {
    made.put(madeRecord(0, { clock_synced: false }));
    made.put(madeRecord(1, { clock_synced: null }));
    made.put(madeRecord(2, { kind: 'timelapse' }));
    assert.deepEqual(
      made.oldestOfKinds(any).map(({ name, class: ofClass, sinceMs }) => [name, ofClass, sinceMs]),
      [
        [madeRecord(1).file, 'cut', Date.parse(madeRecord(1).made_at)],
        [madeRecord(2).file, 'timelapse', Date.parse(madeRecord(2).made_at)],
      ],
    );
  });
});
