import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { CamboxError, type ErrorCode } from '../../../src/base/errors.ts';
import type { JobContext } from '../../../src/jobs/job.ts';
import type { MeasuredUse } from '../../../src/jobs/learned-costs.ts';
import { type FfmpegRun, runFfmpegJob } from '../../../src/record/ffmpeg/ffmpeg-job.ts';
import { PolledCaps } from '../../../src/record/memory/polled-caps.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ffmpegChildren } from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambox-job-'));
after(() => rmSync(folder, { recursive: true }));

const MIB = 2 ** 20;
const SECONDS = 4;

/** Encode a test picture; in real time when it should last. */
const encode = (name: string, parts: { readonly pace?: 'slow'; readonly dir?: string } = {}): FfmpegRun => ({
  kind: 'cut',
  title: `test ${name}`,
  program: 'ffmpeg',
  args: [
    ...[
      '-v',
      'error',
      ...(parts.pace === 'slow' ? ['-re'] : []),
      '-f',
      'lavfi',
      '-i',
      `testsrc2=s=320x240:d=${SECONDS}`,
    ],
    ...['-c:v', 'mjpeg', '-q:v', '2', '-threads', '1', '-f', 'mp4', '-movflags', '+frag_keyframe', '-y'],
    join(parts.dir ?? folder, `${name}.mp4`),
  ],
  outputMs: SECONDS * 1000,
});

class Context implements JobContext {
  readonly id = 'job-1';
  readonly attempt = 1;
  readonly capBytes: number;
  readonly shares: number[] = [];
  readonly uses: MeasuredUse[] = [];
  readonly abort = new AbortController();

  constructor(capMib = 200) {
    this.capBytes = capMib * MIB;
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  progress = (share: number): void => {
    this.shares.push(share);
  };

  learn = (use: MeasuredUse): void => {
    this.uses.push(use);
  };
}

const fails = (running: Promise<unknown>, code: ErrorCode, words: RegExp): Promise<void> =>
  assert.rejects(running, (thrown: unknown) => {
    assert.ok(thrown instanceof CamboxError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    assert.match(thrown.message, words);
    return true;
  });

const caps = new PolledCaps(SYSTEM_CLOCK);
const deps = { caps, clock: SYSTEM_CLOCK };

test('a job runs ffmpeg to its end, tells its progress, and learns what it needed', async () => {
  const context = new Context();
  const use = await runFfmpegJob(encode('plain', { pace: 'slow' }), context, deps);
  assert.ok(statSync(join(folder, 'plain.mp4')).size > 10_000);
  assert.ok(context.shares.length >= 3, String(context.shares));
  assert.equal(context.shares.at(-1), 1);
  const halves = context.shares.filter((share) => share > 0.2 && share < 0.8);
  assert.ok(halves.length > 0, String(context.shares));
  const { heldBytes, peakBytes, cpuMs } = use;
  assert.deepEqual(context.uses, [{ heldBytes, overCap: false, peakBytes, cpuMs }]);
  assert.ok(use.heldBytes > 2 * MIB && use.heldBytes < 100 * MIB, String(use.heldBytes));
});

test('a job that is canceled ends its ffmpeg and throws the reason', async () => {
  const context = new Context();
  const running = runFfmpegJob(encode('canceled', { pace: 'slow' }), context, deps);
  await until('ffmpeg runs', () => ffmpegChildren().length === 1);
  const reason = new CamboxError('canceled', { verb: 'finish', thing: 'it', reason: 'nobody wants it' });
  context.abort.abort(reason);
  await fails(running, 'canceled', /nobody wants it/);
  assert.deepEqual(ffmpegChildren(), []);
});

test('a job over its cap is resource_limit, and the next one is expected to need more', async () => {
  const context = new Context(4);
  await fails(
    runFfmpegJob(encode('greedy', { pace: 'slow' }), context, deps),
    'resource_limit',
    /killed by cambox.*4 MB/,
  );
  assert.equal(context.uses[0]?.overCap, true);
});

test('a job on a full disk is disk_full', async () => {
  const mount = mkdtempSync(join(tmpdir(), 'cambox-job-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', mount]);
  try {
    await fails(
      runFfmpegJob(encode('full', { dir: mount }), new Context(), deps),
      'disk_full',
      /No space left on device/,
    );
  } finally {
    execFileSync('umount', [mount]);
    rmSync(mount, { recursive: true });
  }
});

test('a job whose ffmpeg fails has its last words', async () => {
  const run = { ...encode('broken'), args: ['-v', 'error', '-i', join(folder, 'nothing.mp4'), join(folder, 'x.mp4')] };
  await fails(runFfmpegJob(run, new Context(), deps), 'child_failed', /nothing\.mp4: No such file/);
});

test('a job without ffmpeg says how to install it', async () => {
  const run = { ...encode('missing'), program: '/nonexistent/ffmpeg' };
  await fails(runFfmpegJob(run, new Context(), deps), 'missing_program', /apt-get install ffmpeg/);
});

test('a job whose ffmpeg stands still for half a minute is ended', async () => {
  const clock = new FakeClock();
  const running = runFfmpegJob(encode('stopped', { pace: 'slow' }), new Context(), {
    caps: new PolledCaps(clock),
    clock,
  });
  await until('it has written something', () => readdirSync(folder).includes('stopped.mp4'));
  const [child] = ffmpegChildren();
  process.kill(child!.pid, 'SIGSTOP');
  // what it has told before it was stopped may still come in
  const failed = fails(running, 'timed_out', /stood still for 30 s/);
  await until('it stands still', () => ffmpegChildren()[0]?.state === 'T');
  await clock.advance(30_000);
  assert.equal(ffmpegChildren().length, 1, 'asked by SIGTERM, which a stopped process does not hear');
  await clock.advance(1000);
  await failed;
  assert.deepEqual(ffmpegChildren(), []);
});
