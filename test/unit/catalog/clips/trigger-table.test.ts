import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, it } from 'node:test';
import { CLIP_MIGRATIONS } from '../../../../src/catalog/clips/clip-migrations.ts';
import { ClipTable } from '../../../../src/catalog/clips/clip-table.ts';
import type { TriggerRecord } from '../../../../src/catalog/clips/trigger-record.ts';
import { TriggerTable } from '../../../../src/catalog/clips/trigger-table.ts';
import { clipRecord } from '../../../support/clip-records.ts';

const FIRST_MS = Date.parse('2025-06-01T12:00:00Z');
let triggers: TriggerTable;
let clips: ClipTable;

beforeEach(() => {
  const db = new DatabaseSync(':memory:');
  db.exec(CLIP_MIGRATIONS.join(';'));
  triggers = new TriggerTable(db);
  clips = new ClipTable(db);
});

const trigger = (n: number, parts: Partial<TriggerRecord> = {}): TriggerRecord => ({
  at: new Date(FIRST_MS + n * 1000).toISOString(),
  clock_synced: null,
  outcome: 'started',
  camera: 'front',
  clip: `clip-${n}`,
  request: `request-${n}`,
  door: 'mqtt',
  pre_asked_ms: 5000,
  ...parts,
});

function refused(n: number): TriggerRecord {
  const { clip: _, ...rest } = trigger(n, { outcome: 'refused', code: 'disk_full', reason: 'no room' });
  return rest;
}

const outcomes = (clip: string): string[] => triggers.ofClip(clip).map(({ outcome }) => outcome);

describe('TriggerTable', () => {
  it('gives back every field of a trigger', () => {
    const full = trigger(1, { by: 'desk', label: 'gate', class: 'alarm', duration_asked_ms: 100, clock_synced: true });
    triggers.add(full);
    triggers.add(refused(2));
    assert.deepEqual(triggers.ofClip('clip-1'), [full]);
    assert.deepEqual(triggers.find({ limit: 10 }).triggers, [refused(2), full]);
  });

  it('lists the newest first, page after page, of a camera or an outcome', () => {
    for (let n = 0; n < 5; n++) triggers.add(n === 2 ? refused(n) : trigger(n, { camera: n === 3 ? 'rear' : 'front' }));
    const requests = (page: { readonly triggers: readonly TriggerRecord[] }) =>
      page.triggers.map(({ request }) => request);
    const first = triggers.find({ limit: 3 });
    const second = triggers.find({ limit: 3, cursor: first.next! });
    assert.deepEqual(
      [...requests(first), ...requests(second)],
      [4, 3, 2, 1, 0].map((n) => `request-${n}`),
    );
    assert.equal(second.next, undefined);
    assert.deepEqual(requests(triggers.find({ limit: 9, camera: 'rear' })), ['request-3']);
    assert.deepEqual(requests(triggers.find({ limit: 9, outcome: 'refused' })), ['request-2']);
    assert.throws(() => triggers.find({ limit: 1, cursor: 'x' }), { code: 'bad_argument' });
  });

  it('keeps the newest thousand that were refused, and every one that has a clip', () => {
    triggers.add(trigger(0));
    for (let n = 1; n <= 1005; n++) triggers.add(refused(n));
    let kept = 0;
    for (let cursor: string | undefined, more = true; more; ) {
      const page = triggers.find({ limit: 100, outcome: 'refused', ...(cursor !== undefined && { cursor }) });
      kept += page.triggers.length;
      cursor = page.next;
      more = cursor !== undefined;
    }
    assert.equal(kept, 1000);
    assert.deepEqual(outcomes('clip-0'), ['started']);
  });

  it('keeps what started a clip and the newest hundred that made it longer', () => {
    triggers.add(trigger(0));
    for (let n = 1; n <= 130; n++) triggers.add(trigger(n, { clip: 'clip-0', outcome: 'extended' }));
    const [first, second, ...rest] = triggers.ofClip('clip-0');
    assert.deepEqual([first?.outcome, second?.request, rest.length], ['started', 'request-31', 99]);
  });

  it('goes with its clip', () => {
    triggers.add(trigger(1));
    triggers.add(trigger(2));
    triggers.forget('clip-1');
    assert.deepEqual([outcomes('clip-1'), outcomes('clip-2')], [[], ['started']]);
  });

  it('tells why nothing of its clip was kept', () => {
    triggers.add(trigger(1));
    triggers.fail('clip-1', 'no_frames', undefined);
    const [{ outcome, code, reason }] = triggers.ofClip('clip-1') as [TriggerRecord];
    assert.deepEqual([outcome, code, reason], ['failed', 'no_frames', undefined]);
  });

  it('fails when the service went before anything of its clip was kept, and not when that came later', () => {
    clips.put(clipRecord(1));
    for (const n of [1, 2]) triggers.add(trigger(n));
    const { last } = triggers;
    triggers.add(trigger(3));
    triggers.failOrphans(last, 'crashed', 'gone');
    assert.deepEqual(
      [1, 2, 3].map((n) => outcomes(`clip-${n}`)[0]),
      ['started', 'failed', 'started'],
    );
  });

  it('is corrected when the clock was set, unless it was right before', () => {
    triggers.add(trigger(1));
    triggers.add(trigger(2, { clip: 'clip-1', clock_synced: true }));
    triggers.shift('clip-1', 60_000);
    assert.deepEqual(
      triggers.ofClip('clip-1').map(({ at }) => Date.parse(at) - FIRST_MS),
      [2000, 61_000],
    );
  });
});
