import { DatabaseSync } from 'node:sqlite';
import { CamboxError } from '../../src/base/errors.ts';
import { CLIP_MIGRATIONS } from '../../src/catalog/clips/clip-migrations.ts';
import type { ClipPage, ClipQuery } from '../../src/catalog/clips/clip-page.ts';
import type { ClipRecord } from '../../src/catalog/clips/clip-record.ts';
import { type ClipChange, ClipTable, noSuchClip } from '../../src/catalog/clips/clip-table.ts';
import { type MadePage, type MadeQuery, MadeTable } from '../../src/catalog/clips/made-table.ts';
import type { ClipDetails, TriggerRecord } from '../../src/catalog/clips/trigger-record.ts';
import { type TriggerPage, type TriggerQuery, TriggerTable } from '../../src/catalog/clips/trigger-table.ts';
import type { ClipControl } from '../../src/control/box.ts';

/** A catalogue in memory, with the real tables and search, and no files. */
export class FakeArchive implements ClipControl {
  readonly clips: ClipTable;
  readonly madeFiles: MadeTable;
  readonly triggerTable: TriggerTable;

  constructor() {
    const db = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
    db.exec(CLIP_MIGRATIONS.join(';'));
    this.clips = new ClipTable(db);
    this.madeFiles = new MadeTable(db);
    this.triggerTable = new TriggerTable(db);
  }

  async find(query: ClipQuery): Promise<ClipPage> {
    return this.clips.find(query);
  }

  get(clip: string): ClipDetails {
    const record = this.clips.get(clip);
    if (record === undefined) throw noSuchClip(clip);
    return { ...record, triggers: this.triggerTable.ofClip(clip) };
  }

  async change(clip: string, change: ClipChange): Promise<ClipRecord> {
    return this.clips.change(clip, change);
  }

  async delete(clip: string): Promise<ClipRecord> {
    const record = this.get(clip);
    if (record.protected) throw new CamboxError('conflict', { verb: 'delete', thing: clip, reason: 'it is protected' });
    this.clips.remove(clip);
    return record;
  }

  noteTrigger(trigger: Omit<TriggerRecord, 'clock_synced'>): void {
    this.triggerTable.add({ ...trigger, clock_synced: true });
  }

  triggers(query: TriggerQuery): TriggerPage {
    return this.triggerTable.find(query);
  }

  made(query: MadeQuery): MadePage {
    return this.madeFiles.find(query);
  }
}
