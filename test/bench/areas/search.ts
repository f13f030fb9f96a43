import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { build } from 'esbuild';
import { BroadSearch } from '../../../src/catalog/clips/broad-search.ts';
import { CLIP_MIGRATIONS } from '../../../src/catalog/clips/clip-migrations.ts';
import { type ClipQuery, wantedIds } from '../../../src/catalog/clips/clip-page.ts';
import { ClipTable } from '../../../src/catalog/clips/clip-table.ts';
import { openCatalog } from '../../../src/catalog/clips/open-catalog.ts';
import { TelemetryStore } from '../../../src/catalog/telemetry/telemetry-store.ts';
import { Random } from '../../fuzz/random.ts';
import { word, wordyClip } from '../catalog-clips.ts';
import { comparedFigure, type Figure, figure, median } from '../figure.ts';

const CLIPS = 10_000;
const SEARCHES = 4000;
const INSERTS = 1000;
const ROUNDS = 3;
const BROAD_ROUNDS = 20;
const WORDS_A_CLIP = 18;
/** The last one is in no clip: all have to be looked at. */
const BROAD = { one: 'event*', two: 'motion event*', none: 'motion -event*' };
const PAGE = 10;
/** Upper ends of the histogram's classes. */
const CLASSES_MS = [0.5, 1, 2, 5, 10, 20, 50, 100, 500];
/** What a day of a busy camera brings: a clip every two minutes. */
const CLIPS_A_DAY = 720;
const TELEMETRY_ROWS = [5000, 1_000_000];
/** Of a box with two cameras. */
const METRICS = Array.from({ length: 15 }, (_, n) => `metric_${n}`);
const SAMPLE_MS = 10_000;
const SAMPLES_A_FLUSH = 50;
const MEBIBYTE = 2 ** 20;
/** As the daemon runs. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=96', '--expose-gc'];

/** The catalogue: filling it, finding in it, what a clip costs, what it holds in memory. */
export async function* measure(): AsyncGenerator<Figure> {
  const dir = mkdtempSync(join(tmpdir(), 'cambox-search-'));
  try {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) times.push(await fillMs(join(dir, `fill${round}.db`)));
    yield figure('search.index_10000_clips_ms', median(times), 'ms');
    const path = join(dir, 'fill0.db');
    {
      await using db = await openCatalog(path);
      const clips = new ClipTable(db);
      yield* searches('search.one_word', clips, (n) => ({ words: word(n) }));
      yield* searches('search.two_words_one_camera', clips, (n) => ({ words: `motion ${word(n)}`, camera: 'camera1' }));
      yield* searches('search.prefix_of_4', clips, (n) => ({ words: `${word(n).slice(0, 4)}*` }));
      yield* searches('search.newest_protected', clips, () => ({ protected: true }));
      yield* searches('search.newest', clips, () => ({}));
    }
    yield* broadSearches(join(dir, 'broad.db'));
    yield* inserts(path, join(dir, 'peer.db'));
    yield figure('search.open_and_check_ms', await openMs(path), 'ms');
    yield figure('search.growth_mb_per_day', (statSync(path).size / (CLIPS + INSERTS) / MEBIBYTE) * CLIPS_A_DAY, 'MB');
    yield* telemetry(join(dir, 'telemetry.db'));
    const program = await bundled(join(dir, 'catalog-memory'));
    const memory = Array.from({ length: ROUNDS }, (_, round) => memoryMb(program, join(dir, `memory${round}.db`)));
    yield figure('search.memory_mb', median(memory), 'MB');
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function fillMs(path: string): Promise<number> {
  const records = Array.from({ length: CLIPS }, (_, n) => wordyClip(n));
  await using db = await openCatalog(path);
  const clips = new ClipTable(db);
  const start = performance.now();
  await db.write('fill', () => {
    for (const record of records) clips.put(record);
  });
  return performance.now() - start;
}

function* searches(name: string, clips: ClipTable, query: (n: number) => Partial<ClipQuery>): Generator<Figure> {
  const times = Array.from({ length: SEARCHES }, (_, n) => {
    const start = performance.now();
    clips.find({ limit: PAGE, ...query(n) });
    return performance.now() - start;
  });
  yield figure(`${name}_p50_ms`, quantile(times, 0.5), 'ms');
  yield figure(`${name}_p99_ms`, quantile(times, 0.99), 'ms');
}

/** Beginnings of 160,000 different words: in steps, and how long each holds the loop; the peer is all at once. */
async function* broadSearches(path: string): AsyncGenerator<Figure> {
  await using db = await openCatalog(path);
  const clips = new ClipTable(db);
  const random = new Random(1, 'events');
  await db.write('fill', () => {
    for (let n = 0; n < CLIPS; n++) {
      const events = Array.from({ length: WORDS_A_CLIP }, () => `event${random.below(1_000_000)}`).join(' ');
      clips.put({ ...wordyClip(n), events });
    }
  });
  await db.write('wait until the large log is emptied, as no day is so busy', () => undefined);
  const broad = new BroadSearch(db);
  for (const [name, words] of Object.entries(BROAD)) {
    const [atOnce, inSteps, held]: [number[], number[], number[]] = [[], [], []];
    const query = { words, limit: PAGE };
    for (let round = 0; round < BROAD_ROUNDS; round++) {
      const start = performance.now();
      clips.find(query);
      atOnce.push(performance.now() - start);
      const loop = watchLoop(held);
      const stepsStart = performance.now();
      await broad.find(broad.plan(query)!, wantedIds(query));
      inSteps.push(performance.now() - stepsStart);
      await loop.stop();
    }
    const peerName = 'all at once';
    yield comparedFigure(`search.broad_${name}_p50_ms`, median(inSteps), 'ms', peerName, median(atOnce));
    yield comparedFigure(
      `search.broad_${name}_holds_loop_p99_ms`,
      quantile(held, 0.99),
      'ms',
      peerName,
      quantile(atOnce, 0.99),
    );
  }
}

/** How long each turn of the loop takes. */
function watchLoop(held: number[]) {
  let [last, isOver] = [performance.now(), false];
  const { promise: over, resolve } = Promise.withResolvers<void>();
  setImmediate(function turn() {
    const now = performance.now();
    held.push(now - last);
    last = now;
    if (isOver) resolve();
    else setImmediate(turn);
  });
  const stop = (): Promise<void> => {
    isOver = true;
    return over;
  };
  return { stop };
}

/** A clip at a time, each until it is on the disk; the peer lets SQLite wait for the disk itself. */
async function* inserts(path: string, peerPath: string): AsyncGenerator<Figure> {
  const held: number[] = [];
  const durable: number[] = [];
  const peer: number[] = [];
  /** From the moment that the log is synced: it is copied into the database, and then that is synced. */
  const copied: number[] = [];
  let syncedAt = 0;
  await using db = await openCatalog(path, {
    wrapFile: (file, which) => ({
      datasync: async () => {
        if (which === 'database') copied.push(performance.now() - syncedAt);
        await file.datasync();
        syncedAt = performance.now();
      },
    }),
  });
  const clips = new ClipTable(db);
  using sqlite = new DatabaseSync(peerPath);
  sqlite.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${CLIP_MIGRATIONS.join(';')}`);
  const peerClips = new ClipTable(sqlite);
  for (let n = CLIPS; n < CLIPS + INSERTS; n++) {
    const record = wordyClip(n);
    const start = performance.now();
    const written = db.write('add', () => {
      clips.put(record);
      clips.tidy();
    });
    held.push(performance.now() - start);
    await written;
    durable.push(performance.now() - start);
    const peerStart = performance.now();
    sqlite.exec('BEGIN');
    peerClips.put(record);
    peerClips.tidy();
    sqlite.exec('COMMIT');
    peer.push(performance.now() - peerStart);
  }
  const peerName = 'SQLite with synchronous=FULL';
  for (const q of [0.5, 0.99, 1]) {
    const name = `search.insert_holds_loop_${q === 1 ? 'max' : `p${q * 100}`}_ms`;
    yield comparedFigure(name, quantile(held, q), 'ms', peerName, quantile(peer, q));
  }
  yield figure('search.emptying_log_holds_loop_p50_ms', quantile(copied, 0.5), 'ms');
  yield figure('search.emptying_log_holds_loop_max_ms', quantile(copied, 1), 'ms');
  yield figure('search.insert_on_disk_p50_ms', quantile(durable, 0.5), 'ms');
  yield figure('search.insert_on_disk_p99_ms', quantile(durable, 0.99), 'ms');
  let below = 0;
  for (const [i, most] of [...CLASSES_MS, Number.POSITIVE_INFINITY].entries()) {
    const count = durable.filter((ms) => ms >= below && ms < most).length;
    if (count > 0) yield figure(`search.inserts_on_disk_within_${CLASSES_MS[i] ?? 'more'}_ms`, count, 'clips');
    below = most;
  }
}

/** One span of time over all rows, the first time and again. */
async function* telemetry(path: string): AsyncGenerator<Figure> {
  await using store = await TelemetryStore.open(path, { budgetBytes: Number.MAX_SAFE_INTEGER });
  let n = 0;
  for (const rows of TELEMETRY_ROWS) {
    for (; n * METRICS.length < rows; n++) {
      store.add(n * SAMPLE_MS, Object.fromEntries(METRICS.map((name, i) => [name, n % (i + 2)])));
      if (n % SAMPLES_A_FLUSH === 0) await store.flush(n * SAMPLE_MS);
    }
    await store.flush(n * SAMPLE_MS);
    const query = { fromMs: 0, untilMs: n * SAMPLE_MS, points: 60 };
    for (const state of ['cold', 'warm']) {
      const start = performance.now();
      await store.query(query);
      yield figure(`search.telemetry_${rows}_rows_${state}_ms`, performance.now() - start, 'ms');
    }
  }
  yield figure('search.telemetry_mb_per_million_rows', store.bytes / MEBIBYTE, 'MB');
}

async function openMs(path: string): Promise<number> {
  const start = performance.now();
  await using _ = await openCatalog(path);
  return performance.now() - start;
}

/** As it is installed: Node's own TypeScript compiler would be counted, too. */
async function bundled(outdir: string): Promise<string> {
  const entryPoints = [join(import.meta.dirname, '../catalog-memory.ts')];
  const outExtension = { '.js': '.mjs' };
  await build({ entryPoints, outdir, outExtension, bundle: true, splitting: true, format: 'esm', platform: 'node' });
  return join(outdir, 'catalog-memory.mjs');
}

const memoryMb = (program: string, path: string): number =>
  Number(
    execFileSync(process.execPath, [...NODE_FLAGS, program, path], {
      encoding: 'utf8',
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    }),
  ) / MEBIBYTE;

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}
