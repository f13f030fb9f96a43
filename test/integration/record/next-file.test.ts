import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { monoPlus } from '../../../src/base/units.ts';
import type { ClipResult } from '../../../src/record/clip/clip.ts';
import type { RecorderOptions } from '../../../src/record/recorder-options.ts';
import { syntheticJpeg } from '../../support/jpegs.ts';
import { readNumberedVideo } from '../../support/numbered-video.ts';
import { clipRequest, RecorderRig } from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

const SIZE = [320, 240] as const;
const NUMBERED = Array.from({ length: 600 }, (_, number) => syntheticJpeg(...SIZE, number));

/** A disk on which no new file can be made while `fill` holds: it has no inode left (ENOSPC). What is open can be written. */
class FullDisk implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'cambox-next-file-'));
  #ballast: string[] = [];

  constructor() {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,nr_inodes=8', 'tmpfs', this.dir]);
  }

  /** When the files of these clips are there. */
  async fill(...clips: string[]): Promise<void> {
    for (const clip of clips) {
      await until(`${clip} has its file`, () => existsSync(join(this.dir, `${clip}.mp4.partial`)));
    }
    for (;;) {
      const path = join(this.dir, `ballast-${this.#ballast.length}`);
      try {
        writeFileSync(path, '');
      } catch (failure) {
        assert.equal((failure as NodeJS.ErrnoException).code, 'ENOSPC');
        return;
      }
      this.#ballast.push(path);
    }
  }

  free(): void {
    for (const path of this.#ballast.splice(0)) rmSync(path);
  }

  [Symbol.dispose](): void {
    execFileSync('umount', [this.dir]);
    rmSync(this.dir, { recursive: true });
  }
}

/** A recorder on that disk, and a camera of 20 frames a second: the picture of sequence n carries the number n. */
class LiveRig extends RecorderRig {
  readonly #camera = setInterval(() => this.push(SYSTEM_CLOCK.now()), 50);

  constructor(disk: FullDisk, options: Partial<RecorderOptions> = {}) {
    super(NUMBERED, { dir: disk.dir, maxClipMs: 2000, preRollMs: 500, ...options });
  }

  async waits(...ids: string[]): Promise<void> {
    const waiting = () => this.logs.of('clip_waits').map(({ fields }) => fields['clip']);
    for (const id of ids) await until(`${id} waits`, () => waiting().includes(id));
  }

  /** The results so far, in short. */
  get told() {
    return this.results.map(({ clip, state, continued_by }) => [clip, state, continued_by]);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#camera);
    await super[Symbol.asyncDispose]();
    assert.equal(this.arena.usedBytes, 0);
  }
}

test('next file that cannot be begun on a full disk is begun when there is room, out of the ring, and tells the gap', async () => {
  using disk = new FullDisk();
  await using rig = new LiveRig(disk);
  const clip = await rig.recorder.start(clipRequest('door', { preMs: 0 }));
  await disk.fill('door');
  await rig.waits('door-2');
  assert.ok(rig.recorder.clips().some((file) => file.answersTo('door') && file.id === 'door-2'));
  const ringMovesOn = monoPlus(SYSTEM_CLOCK.now(), 1_500_000);
  await until('the ring holds only what came later', () => SYSTEM_CLOCK.now() > ringMovesOn);
  await until('the first file is over', () => rig.results.length === 1);
  assert.deepEqual(rig.told, [['door', 'ready', 'door-2']], 'what is tried again is not told');

  disk.free();
  const recorded = () => rig.recorder.clips().find(({ id, frames }) => id === 'door-2' && frames > 20);
  await until('it is recorded', () => recorded() !== undefined && existsSync(join(disk.dir, 'door-2.mp4.partial')));
  const freedAt = SYSTEM_CLOCK.now();
  recorded()!.stop('stopped');
  const before = await clip.finished;
  const after = (await clip.next!.finished) as ClipResult;
  assert.deepEqual([after.clip, after.state, after.end, after.continues], ['door-2', 'ready', 'stopped', 'door']);
  assert.equal(rig.results.length, 2);
  const [first, second] = [before, after].map(({ path }) => readNumberedVideo(path!, ...SIZE).numbers);
  const lost = second![0]! - first!.at(-1)! - 1;
  const [gap, ...more] = after.gaps;
  assert.deepEqual([gap?.at_ms, gap?.frames, gap?.where, more], [0, lost, 'queue', []]);
  assert.ok(lost >= 15, `${lost} frames`);
  assert.ok(gap!.lost_ms > lost * 40 && gap!.lost_ms < (freedAt - ringMovesOn) / 1000 + 10_000, `${gap!.lost_ms} ms`);
  assert.equal(rig.logs.of('clip_waits').length, 1, 'said once');
});

test('next file that cannot be begun is given up when it is stopped, and when nothing more of its clip is wanted', async () => {
  using disk = new FullDisk();
  await using rig = new LiveRig(disk);
  const timed = await rig.recorder.start(clipRequest('timed', { preMs: 0, durationMs: 3500 }));
  const open = await rig.recorder.start(clipRequest('open', { preMs: 0 }));
  await disk.fill('timed', 'open');
  await rig.waits('timed-2', 'open-2');
  for (const file of rig.recorder.clips()) if (file.answersTo('open-2')) file.stop('stopped');
  const stopped = await open.next!.finished;
  assert.deepEqual([stopped.clip, stopped.state, stopped.path], ['open-2', 'failed', null]);
  const late = await timed.next!.finished;
  assert.deepEqual([late.clip, late.state, late.path], ['timed-2', 'failed', null]);
  await until('nothing is recorded any more', () => rig.recorder.clips().length === 0);
});

test('next file that waits to be begun does not hold up the end of the recorder', async () => {
  using disk = new FullDisk();
  await using rig = new LiveRig(disk);
  await rig.recorder.start(clipRequest('door', { preMs: 0 }));
  await disk.fill('door');
  await rig.waits('door-2');
  await until('the first file is over', () => rig.results.length === 1);
  await rig.recorder.close(5000);
  assert.deepEqual(rig.told, [
    ['door', 'ready', 'door-2'],
    ['door-2', 'failed', undefined],
  ]);
});
