import type { ClipRecord, ClipState, ClipSummary, RecordedGap } from './clip-record.ts';

/** A row of the table `clips`, as SQLite gives it. */
export interface ClipRow {
  readonly id: number;
  readonly [column: string]: string | number | null;
}

/** Columns that a record has under the same name, if it has them. */
const OPTIONAL = [
  'boot_id',
  'pre_roll_asked_ms',
  'pre_roll_got_ms',
  'lost_at_most_ms',
  'encoder',
  'encoder_reason',
  'continued_by',
  'continues',
  'label',
  'place',
  'events',
  'notes',
  'detail',
] as const;

const NEEDED = ['clip', 'camera', 'state', 'end', 'file', 'bytes', 'duration_ms', 'frames'] as const;

const COLUMNS = ['id', 'turn', 'protected', 'started_ms', 'clock_synced', 'class', 'memory', ...NEEDED, ...OPTIONAL];

/** Ids are the wall start in ms, times this, plus a number: clips that start in the same ms. Exact up to the year 2248. */
export const IDS_A_MS = 1024;

/** Inserts nothing when there is a clip of that name, or no id is left in that millisecond. The first value is the least id it may get. */
export const INSERT_CLIP = `INSERT INTO clips (${COLUMNS.map((name) => `"${name}"`).join(', ')})
  VALUES (
    (SELECT coalesce(max(id) + 1, ?1) FROM clips WHERE id >= ?1 AND id < ?1 + ${IDS_A_MS}),
    ${COLUMNS.slice(1)
      .map(() => '?')
      .join(', ')}
  ) ON CONFLICT DO NOTHING`;

/** The values of `INSERT_CLIP`. */
export function rowValues(leastId: number, turn: number, record: ClipRecord): (string | number | null)[] {
  const synced = record.clock_synced === null ? null : Number(record.clock_synced);
  const memory = record.memory === undefined ? null : JSON.stringify(record.memory);
  const values: (string | number | null)[] = [leastId, turn, Number(record.protected), Date.parse(record.started_at)];
  values.push(synced, record.class ?? '', memory);
  for (const name of NEEDED) values.push(record[name]);
  for (const name of OPTIONAL) values.push(record[name] ?? null);
  return values;
}

export function recordOf(row: ClipRow, gaps: readonly RecordedGap[]): ClipRecord {
  const record: Record<string, unknown> = {
    clip: row['clip'],
    camera: row['camera'],
    state: row['state'] as ClipState,
    end: row['end'],
    file: row['file'],
    bytes: row['bytes'],
    protected: row['protected'] === 1,
    started_at: new Date(row['started_ms'] as number).toISOString(),
    clock_synced: row['clock_synced'] === null ? null : row['clock_synced'] === 1,
    duration_ms: row['duration_ms'],
    frames: row['frames'],
    gaps: gaps.map((gap) => ({ ...gap })),
  };
  if (row['class'] !== '') record['class'] = row['class'];
  if (row['memory'] !== null) record['memory'] = JSON.parse(row['memory'] as string);
  for (const name of OPTIONAL) if (row[name] !== null) record[name] = row[name];
  return record as unknown as ClipRecord;
}

/** What may be deleted to make room, and what may be deleted for its age: `clips_age` of clip-migrations.ts has just those. */
export const MAY_GO = "protected = 0 AND state NOT IN ('missing', 'deleting')";
export const MAY_AGE = `${MAY_GO} AND clock_synced IS NOT 0`;

/** A row of these columns, as an array: half the time of an object, in lists that are asked for often. */
export const SUMMARY_COLUMNS = 'clips.id, clip, camera, state, started_ms, duration_ms, bytes, protected, label, class';
export type SummaryRow = readonly [
  id: number,
  clip: string,
  camera: string,
  state: ClipState,
  started_ms: number,
  duration_ms: number,
  bytes: number,
  isProtected: number,
  label: string | null,
  ofClass: string,
];

export const summaryOf = (row: SummaryRow): ClipSummary => ({
  clip: row[1],
  camera: row[2],
  state: row[3],
  started_at: new Date(row[4]).toISOString(),
  duration_ms: row[5],
  bytes: row[6],
  protected: row[7] === 1,
  ...(row[8] !== null && { label: row[8] }),
  ...(row[9] !== '' && { class: row[9] }),
});
