import type { StateDatabase, Statement } from '../memory-database.ts';

/** Jobs that wait, run, and ran. What comes last in a row is long. */
export const JOBS_SCHEMA = `
  CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- the n of job-n; never used again
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'succeeded', 'failed', 'canceled')),
    kind TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,  -- how often it was begun
    accepted_ms INTEGER NOT NULL,         -- wall clock
    accepted_boot TEXT NOT NULL,          -- the kernel's boot
    accepted_mono_ms INTEGER NOT NULL,    -- its monotonic clock
    deadline_ms INTEGER,                  -- after it was accepted
    finished_ms INTEGER,                  -- wall clock
    waited_ms INTEGER,
    ran_ms INTEGER,
    cpu_ms INTEGER,
    peak_bytes INTEGER,
    bytes INTEGER NOT NULL DEFAULT 0,     -- of the texts of one that is over
    error_code TEXT,
    key TEXT,                             -- of its content
    title TEXT NOT NULL,
    error TEXT,
    workload TEXT NOT NULL,               -- JSON
    requests TEXT NOT NULL,               -- JSON: ids of those who asked
    "order" TEXT,                         -- JSON: what it is done from; NULL when it is over
    result TEXT                           -- JSON
  ) STRICT;
  CREATE INDEX jobs_open ON jobs (id) WHERE state IN ('waiting', 'running')`;

export const JOB_STATES = ['waiting', 'running', 'succeeded', 'failed', 'canceled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A row, as SQLite gives it. */
export interface JobRow {
  readonly id: number;
  readonly state: JobState;
  readonly kind: string;
  readonly attempts: number;
  readonly accepted_ms: number;
  readonly accepted_boot: string;
  readonly accepted_mono_ms: number;
  readonly deadline_ms: number | null;
  readonly finished_ms: number | null;
  readonly waited_ms: number | null;
  readonly ran_ms: number | null;
  readonly cpu_ms: number | null;
  readonly peak_bytes: number | null;
  readonly bytes: number;
  readonly error_code: string | null;
  readonly key: string | null;
  readonly title: string;
  readonly error: string | null;
  readonly workload: string;
  readonly requests: string;
  readonly order: string | null;
  readonly result: string | null;
}

export type AcceptedRow = Pick<
  JobRow,
  | 'id'
  | 'kind'
  | 'accepted_ms'
  | 'accepted_boot'
  | 'accepted_mono_ms'
  | 'deadline_ms'
  | 'key'
  | 'title'
  | 'workload'
  | 'requests'
  | 'order'
>;

export type EndedRow = Pick<
  JobRow,
  'id' | 'state' | 'finished_ms' | 'waited_ms' | 'ran_ms' | 'cpu_ms' | 'peak_bytes' | 'error_code' | 'error' | 'result'
>;

/** Jobs that are over, kept at most; those accepted first go first. */
const MOST_FINISHED = 1000;
const MOST_FINISHED_BYTES = 2 ** 20;
/** Of the numbers in a row. */
const ROW_BYTES = 100;

const ACCEPTED: readonly (keyof AcceptedRow)[] = [
  ...(['id', 'kind', 'accepted_ms', 'accepted_boot', 'accepted_mono_ms', 'deadline_ms'] as const),
  ...(['key', 'title', 'workload', 'requests', 'order'] as const),
];
const ENDED: readonly (keyof EndedRow)[] = [
  ...(['state', 'finished_ms', 'waited_ms', 'ran_ms', 'cpu_ms', 'peak_bytes', 'error_code', 'error'] as const),
  'result',
];
const IS_OPEN = `state IN ('waiting', 'running')`;

/** The table `jobs`. Methods that change something are called inside `Database.write`; they change what is not over alone. */
export class JobTable {
  readonly #insert: Statement;
  readonly #join: Statement;
  readonly #begin: Statement;
  readonly #putBack: Statement;
  readonly #end: Statement;
  readonly #drop: Statement;
  readonly #prune: Statement;
  readonly #open: Statement;
  readonly #get: Statement;
  readonly #newest: Statement;
  readonly #last: Statement;

  constructor(db: Pick<StateDatabase, 'prepare'>) {
    const values = ACCEPTED.map(() => '?').join(', ');
    this.#insert = db.prepare(
      `INSERT INTO jobs (state, ${ACCEPTED.map((name) => `"${name}"`).join(', ')}) VALUES ('waiting', ${values})`,
    );
    this.#join = db.prepare(`UPDATE jobs SET requests = json_insert(requests, '$[#]', ?) WHERE id = ? AND ${IS_OPEN}`);
    this.#begin = db.prepare(`UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE id = ? AND ${IS_OPEN}`);
    this.#putBack = db.prepare(
      `UPDATE jobs SET state = 'waiting', attempts = attempts - 1 WHERE id = ? AND state = 'running'`,
    );
    const length = ['title', 'requests', 'workload'].map((name) => `length(${name})`).join(' + ');
    this.#end = db.prepare(
      `UPDATE jobs SET ${ENDED.map((name) => `${name} = ?`).join(', ')}, "order" = NULL, key = NULL,
       bytes = ${ROW_BYTES} + ${length} + ? WHERE id = ? AND ${IS_OPEN}`,
    );
    this.#drop = db.prepare('DELETE FROM jobs WHERE id = ?');
    this.#prune = db.prepare(`
      DELETE FROM jobs WHERE NOT ${IS_OPEN} AND id <= (SELECT max(id) FROM (
        SELECT id, row_number() OVER newer AS n, sum(bytes) OVER newer AS total
        FROM jobs WHERE NOT ${IS_OPEN} WINDOW newer AS (ORDER BY id DESC)
      ) WHERE n > ${MOST_FINISHED} OR total > ${MOST_FINISHED_BYTES})`);
    this.#open = db.prepare(`SELECT * FROM jobs WHERE ${IS_OPEN} ORDER BY id`);
    this.#get = db.prepare('SELECT * FROM jobs WHERE id = ?');
    this.#newest = db.prepare(
      `SELECT * FROM jobs WHERE NOT ${IS_OPEN} AND id < ? AND (?2 IS NULL OR kind = ?2) ORDER BY id DESC LIMIT ?3`,
    );
    this.#last = db.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'jobs'`);
  }

  add(row: AcceptedRow): void {
    this.#insert.run(...ACCEPTED.map((name) => row[name]));
  }

  /** One more asks for it. */
  join(id: number, request: string): void {
    this.#join.run(request, id);
  }

  begin(id: number): void {
    this.#begin.run(id);
  }

  /** It waits again, as if it had not been begun. */
  putBack(id: number): void {
    this.#putBack.run(id);
  }

  /** False when it was over before, or is not known. */
  end(row: EndedRow): boolean {
    const long = (row.error?.length ?? 0) + (row.result?.length ?? 0);
    const { changes } = this.#end.run(...ENDED.map((name) => row[name]), long, row.id);
    this.#prune.run();
    return changes === 1;
  }

  drop(id: number): void {
    this.#drop.run(id);
  }

  /** Those that wait or run, in the order in which they were accepted. */
  open(): readonly JobRow[] {
    return this.#open.all() as unknown as JobRow[];
  }

  get(id: number): JobRow | undefined {
    return this.#get.get(id) as JobRow | undefined;
  }

  /** Those that are over and have a lower id than `before`, the highest first. */
  finished(before: number, kind: string | undefined, limit: number): readonly JobRow[] {
    return this.#newest.all(before, kind ?? null, limit) as unknown as JobRow[];
  }

  /** The highest id there ever was; 0: there was none. */
  get lastId(): number {
    return (this.#last.get() as { seq: number } | undefined)?.seq ?? 0;
  }
}
