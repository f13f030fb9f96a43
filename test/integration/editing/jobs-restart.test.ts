import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CommandResponse } from '../../../src/control/response.ts';
import { requestOverSocket } from '../../../src/control/socket/request-over-socket.ts';
import type { JobView } from '../../../src/jobs/job.ts';
import type { JobRecord } from '../../../src/jobs/job-record.ts';
import type { CutReport } from '../../../src/record/cut/cut-report.ts';
import { DaemonRig } from '../../support/daemon-rig.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { openConsole } from '../../support/mqtt-console.ts';
import { AS_RECORDED, H264, makeNumberedFile, numbersFrom, SIZE } from '../../support/numbered-file.ts';
import { numbersIn } from '../../support/numbered-video.ts';
import type { RunningDaemon } from '../../support/running-daemon.ts';
import { until } from '../../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambox-jobs-restart-'));
after(() => rmSync(folder, { recursive: true }));

const CLIP = '20261120t180400z-front-3f9a1c';
const STORED = join(folder, 'stored.mp4');
const STARTS = [1, 3, 5];
const NAMES = STARTS.map((start) => `${CLIP}-cut-${start}000-${start + 1}000-exact.mp4`);

before(() => {
  makeNumberedFile(STORED, { frames: 240, fps: 30, args: [...H264.slice(0, 4), '-g', '30', ...AS_RECORDED] });
});

/** A daemon with a state folder, one job at a time, whose ffmpeg does no job while the file `hold` is there. */
class RestartRig extends DaemonRig {
  readonly #state = join(this.folder, 'state');
  readonly #hold = join(this.folder, 'hold');
  readonly #runs = join(this.folder, 'runs');
  readonly #ffmpeg = join(this.folder, 'ffmpeg');

  constructor() {
    super();
    for (const dir of [this.clipsDir, this.#state]) mkdirSync(dir);
    copyFileSync(STORED, join(this.clipsDir, `${CLIP}.mp4`));
    const wait = `while [ -e ${this.#hold} ]; do sleep 0.02; done`;
    const script = `case "$*" in *-progress*) echo $$ >> ${this.#runs}; ${wait};; esac; exec ffmpeg "$@"`;
    writeFileSync(this.#ffmpeg, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    this.hold();
  }

  hold(): void {
    writeFileSync(this.#hold, '');
  }

  release(): void {
    rmSync(this.#hold, { force: true });
  }

  /** Processes that were started for jobs, in their order. */
  get runs(): number[] {
    return existsSync(this.#runs) ? readFileSync(this.#runs, 'utf8').trim().split('\n').map(Number) : [];
  }

  async boot(changes: object = {}): Promise<RunningDaemon> {
    const record = { dir: this.clipsDir, ffmpeg: this.#ffmpeg, cpu_tokens: 1 };
    const daemon = this.start({ cameras: [], record, ...changes }, { STATE_DIRECTORY: this.#state });
    await daemon.line('ready');
    return daemon;
  }

  /** Power off: the daemon and its children are gone at once. */
  async crash(daemon: RunningDaemon): Promise<void> {
    daemon.signal('SIGKILL');
    await daemon.exit;
    for (const pid of this.runs) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it was gone
      }
    }
  }

  /** Ask for a cut; resolves when the job was told to be queued, with its final response to come. */
  async cut(start_s: number) {
    const queued = Promise.withResolvers<void>();
    const args = { clip: CLIP, accuracy: 'exact', ranges: [{ start_s, duration_s: 1 }] };
    const onProgress = ({ status }: CommandResponse): void => {
      if (status === 'in_progress') queued.resolve();
    };
    const final = requestOverSocket(this.socket, 'cut', args, { onProgress });
    final.catch(() => undefined); // the daemon goes
    await queued.promise;
    return { final };
  }

  async list(): Promise<{ jobs: JobView[]; finished: JobRecord[] }> {
    const { result } = await requestOverSocket(this.socket, 'jobs.list', { finished: true });
    return result as { jobs: JobView[]; finished: JobRecord[] };
  }

  async get(job: string): Promise<JobRecord> {
    return (await requestOverSocket(this.socket, 'job.get', { job })).result as JobRecord;
  }

  /** When so many jobs are over. */
  async finished(count: number): Promise<JobRecord[]> {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const { finished } = await this.list();
      if (finished.length >= count) return finished;
      assert.ok(performance.now() < deadline, `${finished.length} of ${count} are over`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  get made(): string[] {
    return readdirSync(this.clipsDir).filter((name) => name.includes('-cut-'));
  }
}

test('three cuts of which the first runs when the power is cut are each made once after it, and the fleet is told', async () => {
  await using broker = await startMosquitto();
  await using console = await openConsole(broker.url);
  await using rig = new RestartRig();
  const first = await rig.boot();
  for (const start of STARTS) await rig.cut(start);
  await until('the first runs', () => rig.runs.length === 1);
  assert.deepEqual(
    (await rig.list()).jobs.map(({ job, state }) => [job, state]),
    [
      ['job-1', 'running'],
      ['job-2', 'waiting'],
      ['job-3', 'waiting'],
    ],
  );
  await rig.crash(first);
  assert.deepEqual(
    rig.made.filter((name) => name.endsWith('.mp4')),
    [],
  );

  rig.release();
  const second = await rig.boot({ mqtt: { url: broker.url } });
  await second.line('jobs_restored');
  const finished = await rig.finished(3);
  assert.deepEqual(
    finished.map(({ job, state, attempts }) => [job, state, attempts]),
    [
      ['job-3', 'succeeded', 1],
      ['job-2', 'succeeded', 1],
      ['job-1', 'succeeded', 2],
    ],
  );
  assert.deepEqual(rig.made.toSorted(), NAMES);
  for (const [i, name] of NAMES.entries()) {
    const from = STARTS[i]! * 30;
    assert.deepEqual(numbersIn(join(rig.clipsDir, name), SIZE.width, SIZE.height), numbersFrom(from, from + 30));
  }
  assert.equal(rig.runs.length, 4, 'one run was cut off');
  const { result, requests, cpu_ms } = await rig.get('job-1');
  assert.equal((result as CutReport).clips[0]!.path, join(rig.clipsDir, NAMES[0]!));
  assert.equal(requests.length, 1);
  assert.ok(cpu_ms! > 0);
  for (const job of ['job-1', 'job-2', 'job-3']) {
    const told = await console.next(({ topic, json }) => topic.endsWith('/event/job.finished') && json.job === job);
    assert.equal(told.json.state, 'succeeded');
  }
});

test('jobs wait for the next start when the service is stopped, and who waits for them is told so', async () => {
  await using rig = new RestartRig();
  const first = await rig.boot();
  const asked = [await rig.cut(STARTS[0]!), await rig.cut(STARTS[1]!)];
  await until('the first runs', () => rig.runs.length === 1);
  assert.equal((await first.stop()).exit, 0);
  for (const [i, { final }] of asked.entries()) {
    const { status, error } = await final;
    assert.deepEqual([status, error?.code], ['failed', 'interrupted']);
    assert.match(error!.message, new RegExp(`job-${i + 1} goes on when the box is back`));
  }
  assert.deepEqual(rig.made, []);

  rig.release();
  await rig.boot();
  const finished = await rig.finished(2);
  assert.deepEqual(
    finished.map(({ state, attempts }) => [state, attempts]),
    [
      ['succeeded', 1],
      ['succeeded', 1],
    ],
  );
  assert.deepEqual(rig.made.toSorted(), NAMES.slice(0, 2));
});

test('a cut whose file was in its place when the power was cut is not made again, and succeeds', async () => {
  await using rig = new RestartRig();
  const first = await rig.boot();
  await rig.cut(STARTS[0]!);
  await until('it runs', () => rig.runs.length === 1);
  await rig.crash(first);
  // as if the power had gone between the file and the row
  makeNumberedFile(join(rig.clipsDir, NAMES[0]!), { frames: 30, fps: 30, args: H264.slice(0, 4) });
  await rig.boot();
  const [job] = await rig.finished(1);
  assert.deepEqual([job?.state, rig.runs.length], ['succeeded', 1]);
  const { clips } = (await rig.get('job-1')).result as CutReport;
  assert.deepEqual(
    clips.map(({ frames, duration_ms }) => [frames, duration_ms]),
    [[30, 1000]],
  );
});
