import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordingClip } from '../../../src/record/clip/clip.ts';
import { readClipMetadata } from '../../../src/record/clip/clip-metadata-file.ts';
import type { RecorderDeps, RecorderOptions } from '../../../src/record/recorder-options.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { MIB, QueueBench } from '../../support/jobs.ts';
import { syntheticJpeg } from '../../support/jpegs.ts';
import { readNumberedVideo } from '../../support/numbered-video.ts';
import { clipRequest, decodedFrames, RecorderRig } from '../../support/recorder-rig.ts';

const SIZE = [320, 240] as const;
const NUMBERED = Array.from({ length: 200 }, (_, number) => syntheticJpeg(...SIZE, number));
const STEP_MS = 50;

/** A rig with a clock that goes with the frames: the picture of sequence n carries the number n. */
class SteadyRig extends RecorderRig {
  readonly fake: FakeClock;

  constructor(options: Partial<RecorderOptions> = {}, clock = new FakeClock(), deps: Partial<RecorderDeps> = {}) {
    super(NUMBERED, options, clock, deps);
    this.fake = clock;
  }

  async frames(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.queueBelow(10);
      await this.fake.advance(STEP_MS);
      this.push(this.clock.now());
    }
  }
}

async function filesOf(clip: RecordingClip): Promise<RecordingClip[]> {
  await clip.finished;
  return clip.next === undefined ? [clip] : [clip, ...(await filesOf(clip.next))];
}

for (const encoder of ['copy', 'libx264'] as const) {
  test(`clip (${encoder}) that is longer than a file goes on in the next ones: every frame once, at its time`, async () => {
    await using rig = new SteadyRig({ maxClipMs: 2000 });
    await rig.frames(20);
    const clip = await rig.recorder.start(clipRequest('long', { encoder, preMs: 500, durationMs: 6900 }));
    await rig.frames(150);
    const files = await filesOf(clip);
    const results = await Promise.all(files.map(({ finished }) => finished));

    assert.deepEqual(
      results.map(({ clip: id, state, end, continues, continued_by }) => [id, state, end, continues, continued_by]),
      [
        ['long', 'ready', 'max_length', undefined, 'long-2'],
        ['long-2', 'ready', 'max_length', 'long', 'long-3'],
        ['long-3', 'ready', 'max_length', 'long-2', 'long-4'],
        ['long-4', 'ready', 'duration', 'long-3', undefined],
      ],
    );
    const videos = results.map(({ path }) => readNumberedVideo(path!, ...SIZE));
    const numbers = videos.flatMap((video) => video.numbers);
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, i) => 10 + i),
    );
    assert.equal(numbers.length, 11 + 138);
    const starts = results.map(({ started_at }) => Date.parse(started_at));
    const times = videos.flatMap(({ timesUs }, i) => timesUs.map((us) => starts[i]! - starts[0]! + us / 1000));
    for (const [i, time] of times.entries()) assert.ok(Math.abs(time - i * STEP_MS) <= 1, `frame ${i} at ${time} ms`);
    assert.deepEqual(
      results.map(({ gaps }) => gaps),
      [[], [], [], []],
    );
    const whole = await clip.whole();
    assert.deepEqual([whole.clip, whole.path, whole.state, whole.end], ['long', results[0]!.path, 'ready', 'duration']);
    assert.deepEqual([whole.pre_roll_asked_ms, whole.pre_roll_got_ms, whole.frames], [500, 500, 149]);
    assert.equal(whole.file_count, 4);
    assert.deepEqual(
      whole.files?.map(({ path }) => path),
      results.map(({ path }) => path),
    );
    assert.deepEqual(await files.at(-1)!.whole(), whole);
    const metadata = await readClipMetadata(results[0]!.path!);
    assert.ok(typeof metadata !== 'string');
    assert.equal(metadata.outcome?.continued_by, 'long-2');
    await rig.recorder.close(1000);
    assert.equal(rig.arena.usedBytes, 0);
  });
}

test('clip without room for two ffmpeg hands its room over to its next file', async () => {
  const { live } = new QueueBench({ memoryBytes: 20 * MIB }).queue;
  await using rig = new SteadyRig({ maxClipMs: 1000 }, new FakeClock(), { live });
  const clip = await rig.recorder.start(clipRequest('tight', { encoder: 'libx264', durationMs: 2500 }));
  await rig.frames(60);
  const results = await Promise.all((await filesOf(clip)).map(({ finished }) => finished));
  assert.deepEqual(
    results.map(({ encoder, state }) => [encoder, state]),
    Array.from({ length: 3 }, () => ['libx264', 'ready']),
  );
  assert.equal(live.count, 0);
});

test('clip that is triggered again lasts longer, and one of another label or class begins beside it', async () => {
  await using rig = new SteadyRig();
  const first = await rig.recorder.start(clipRequest('first', { label: 'door', preMs: 0, durationMs: 1000 }));
  await rig.frames(10);
  const again = await rig.recorder.start(clipRequest('again', { label: 'door', durationMs: 1000, extend: true }));
  const other = await rig.recorder.start(
    clipRequest('other', { label: 'gate', preMs: 0, durationMs: 500, extend: true }),
  );
  const alarm = await rig.recorder.start(
    clipRequest('alarm', { label: 'door', class: 'alarm', preMs: 0, durationMs: 500, extend: true }),
  );
  assert.equal(alarm.id, 'alarm');
  assert.equal(again, first);
  assert.notEqual(other, first);
  await rig.frames(30);
  const result = await first.finished;
  assert.deepEqual([result.end, result.extended, result.duration_ms], ['duration', 1, 1450]);
  assert.equal((await other.finished).duration_ms, 500);
  assert.equal((await alarm.finished).class, 'alarm');
  const late = await rig.recorder.start(
    clipRequest('late', { label: 'door', preMs: 0, durationMs: 100, extend: true }),
  );
  assert.equal(late.id, 'late');
});

test('clip that is triggered again in its second file says so of the whole clip, to both who asked', async () => {
  await using rig = new SteadyRig({ maxClipMs: 1000 });
  const clip = await rig.recorder.start(clipRequest('door', { label: 'door', preMs: 0, durationMs: 1500 }));
  await rig.frames(25);
  const again = await rig.recorder.start(clipRequest('again', { label: 'door', durationMs: 1500, extend: true }));
  assert.equal(again.id, 'door-2');
  await rig.frames(35);
  const [first, second] = [await clip.whole(), await again.whole()];
  assert.deepEqual(first, second);
  assert.deepEqual([first.clip, first.extended, first.file_count, first.end], ['door', 1, 3, 'duration']);
});

test('clip with a post-roll goes on for that long after it was stopped, over the end of its file', async () => {
  await using rig = new SteadyRig({ maxClipMs: 1500 });
  const clip = await rig.recorder.start(clipRequest('post', { preMs: 0, postMs: 1000 }));
  await rig.frames(20);
  clip.stop('stopped');
  await rig.frames(30);
  const results = await Promise.all((await filesOf(clip)).map(({ finished }) => finished));
  const frames = results.reduce((sum, result) => sum + result.frames, 0);
  assert.equal(frames, 40);
  assert.deepEqual([results.length, results.at(-1)?.state], [2, 'ready']);
  for (const result of results) assert.equal(decodedFrames(result.path!), result.frames);
});

test('clip whose post-roll goes on in a next file ends as stopped, and at once when it is stopped again', async () => {
  await using rig = new SteadyRig({ maxClipMs: 1500 });
  const clip = await rig.recorder.start(clipRequest('post', { preMs: 0, postMs: 10_000 }));
  await rig.frames(20);
  clip.stop('stopped');
  await rig.frames(20);
  await clip.finished;
  clip.next!.stop('stopped');
  const last = await clip.next!.finished;
  assert.deepEqual([last.clip, last.state, last.end, last.frames], ['post-2', 'ready', 'stopped', 10]);
  const timed = await rig.recorder.start(clipRequest('timed', { preMs: 0, postMs: 1000 }));
  await rig.frames(20);
  timed.stop('stopped');
  await rig.frames(30);
  const ends = (await Promise.all((await filesOf(timed)).map(({ finished }) => finished))).map(({ end }) => end);
  assert.deepEqual(ends, ['max_length', 'stopped']);
});

test('clip that goes on in a next file is stopped there by the id of its first', async () => {
  await using rig = new SteadyRig({ maxClipMs: 1000 });
  await rig.recorder.start(clipRequest('door', { preMs: 0 }));
  await rig.frames(50);
  const running = rig.recorder.clips().filter((clip) => clip.answersTo('door'));
  const last = running.at(-1)!;
  assert.equal(last.id, 'door-3');
  last.stop('stopped');
  assert.equal((await last.finished).state, 'ready');
});
