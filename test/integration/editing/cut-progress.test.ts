import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import type { JobContext } from '../../../src/jobs/job.ts';
import type { CutOutcome } from '../../../src/record/cut/cut-batch.ts';
import { runCut } from '../../../src/record/cut/cut-job.ts';
import { type CutRange, fitRange } from '../../../src/record/cut/cut-ranges.ts';
import { findInput } from '../../../src/record/cut/find-input.ts';
import { PolledCaps } from '../../../src/record/memory/polled-caps.ts';
import { AS_RECORDED, H264, makeNumberedFile } from '../../support/numbered-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambox-cut-progress-'));
after(() => rmSync(folder, { recursive: true }));

const STORED = join(folder, 'stored.mp4');
const BROKEN_FFMPEG = join(folder, 'ffmpeg');
before(() => {
  makeNumberedFile(STORED, { frames: 240, fps: 30, args: [...H264.slice(0, 4), '-g', '30', ...AS_RECORDED] });
  writeFileSync(BROKEN_FFMPEG, '#!/bin/sh\nexit 1\n');
  chmodSync(BROKEN_FFMPEG, 0o755);
});

/** Cut these, and return the outcomes and every share that was told, each once. */
async function cutAll(name: string, ranges: readonly CutRange[], ffmpeg = 'ffmpeg') {
  const facts = await findInput('ffprobe', STORED, 'cut');
  const clips = ranges.map((range, i) => ({
    path: join(folder, `${name}-${i}.mp4`),
    range: fitRange(range, facts.video.durationUs ?? 0),
  }));
  const shares: number[] = [];
  const context: JobContext = {
    ...{ id: 'job-1', attempt: 1, signal: new AbortController().signal, capBytes: 200 * 2 ** 20 },
    progress: (share) => void (share > (shares.at(-1) ?? 0) && shares.push(share)),
    learn: () => undefined,
  };
  const outcomes: CutOutcome[] = [];
  const order = { input: STORED, facts, clips, encoding: { accuracy: 'copy' } } as const;
  const deps = { ffmpeg, caps: new PolledCaps(SYSTEM_CLOCK), clock: SYSTEM_CLOCK };
  await runCut(order, context, deps, (outcome) => outcomes.push(outcome));
  return { outcomes, shares };
}

/** One that is nearly all there is, and short ones. */
const LONG_AND_SHORT: readonly CutRange[] = [
  { startUs: 0, durationUs: 7_900_000 },
  ...Array.from({ length: 17 }, (_, i) => ({ startUs: i * 100_000, durationUs: 50_000 })),
];

test('progress of a cut counts every range that has ended, also one that failed at once', async () => {
  for (let i = 0; i < 17; i++) writeFileSync(join(folder, `taken-${i + 1}.mp4`), '');
  const { outcomes, shares } = await cutAll('taken', LONG_AND_SHORT);
  assert.deepEqual([outcomes.length, outcomes.filter(({ ok }) => ok).length], [18, 1]);
  const afterTheLong = shares.filter((share) => share > 0.7);
  assert.ok(afterTheLong.length >= 2, `${shares}`);
  assert.equal(shares.at(-1), 1);
});

test('progress of a cut whose ranges are tried one by one counts each of them', async () => {
  const { outcomes, shares } = await cutAll('broken', LONG_AND_SHORT, BROKEN_FFMPEG);
  assert.ok(outcomes.every(({ ok }) => !ok));
  assert.ok(shares.length >= outcomes.length, `${shares.length} steps for ${outcomes.length} ranges: ${shares}`);
  assert.equal(shares.at(-1), 1);
});
