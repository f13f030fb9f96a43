import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { CamboxError } from '../../../src/base/errors.ts';
import { HungryFfmpeg } from '../../support/hungry-ffmpeg.ts';
import { QueueBench } from '../../support/jobs.ts';
import { cameraPictures } from '../../support/mjpeg-pictures.ts';
import { clipRequest, decodedFrames, ffmpegChildren, RecorderRig, streamFacts } from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

/** Memory caps of clips by the poll, and whether there is room for one. What the kernel does is tested in the VM. */

const MIB = 2 ** 20;
const PICTURES = cameraPictures(30);

test('a clip keeps what plays when its ffmpeg goes over its cap, and other clips and the daemon go on', async () => {
  using ffmpeg = new HungryFfmpeg(200);
  const bench = new QueueBench();
  await using rig = new RecorderRig(PICTURES, { ffmpeg: ffmpeg.program }, SYSTEM_CLOCK, { live: bench.queue.live });
  const greedy = await rig.recorder.start(clipRequest('greedy'));
  const modest = await rig.recorder.start(clipRequest('modest'));
  const times = await rig.pushMany(rig.clock.now(), 120);
  await rig.queueBelow(1);
  const seen = () =>
    rig.recorder.ffmpegs().filter(({ peakBytes, capBytes }) => peakBytes > MIB && peakBytes < capBytes);
  await until('what both need is seen', () => seen().length === 2);
  assert.deepEqual(
    seen().map(({ clip }) => clip),
    ['greedy', 'modest'],
  );
  ffmpeg.eat();
  const result = await greedy.finished;
  assert.deepEqual([result.state, result.end], ['interrupted', 'out_of_memory']);
  await until('it is counted', () => rig.recorder.oomKills === 1);
  assert.match(result.detail!, /killed by cambox as it wanted more than its \d+ MB of memory.*of 120 frames/);
  assert.ok(result.memory!.peak_bytes > result.memory!.cap_bytes);
  assert.ok(result.frames >= 90, `${result.frames} frames`);
  assert.equal(decodedFrames(result.path!), result.frames);

  await rig.pushMany(times.at(-1)!, 10);
  modest.stop('stopped');
  const other = await modest.finished;
  assert.deepEqual([other.state, other.frames, other.memory?.by], ['ready', 130, 'rss_poll']);
  assert.ok(other.memory!.held_bytes > MIB && other.memory!.held_bytes < 40 * MIB, String(other.memory!.held_bytes));
  assert.equal(bench.queue.live.count, 0);
  assert.equal(bench.costs.table['live/copy/320x240/1']?.length, 2, 'both were learned from');
  await rig.recorder.close(1000);
  assert.deepEqual(ffmpegChildren(), []);
  assert.equal(rig.arena.usedBytes, 0);
});

test('a clip is stored as a copy, and says why, when there is no room to encode it, and is busy when there is none at all', async () => {
  const bench = new QueueBench({ memoryBytes: 26 * MIB });
  const live = bench.queue.live;
  await using rig = new RecorderRig(PICTURES, { preRollMs: 0 }, SYSTEM_CLOCK, { live });
  await rig.pushMany(rig.clock.now(), 1);
  const encoded = await rig.recorder.start(clipRequest('encoded', { encoder: 'libx264' }));
  const copied = await rig.recorder.start(clipRequest('copied', { encoder: 'libx264' }));
  await assert.rejects(rig.recorder.start(clipRequest('refused')), (thrown: unknown) => {
    assert.ok(thrown instanceof CamboxError && thrown.code === 'busy' && thrown.retryAfterMs! > 0);
    assert.match(thrown.message, /clip refused .*even a copy needs 10 MB.*record\.memory_mb/);
    return true;
  });
  await rig.pushMany(rig.clock.now(), 20);
  for (const clip of [encoded, copied]) clip.stop('stopped');
  const [first, second] = await Promise.all([encoded.finished, copied.finished]);
  assert.deepEqual([first.state, first.encoder, first.encoder_reason], ['ready', 'libx264', undefined]);
  assert.deepEqual([second.state, second.encoder], ['ready', 'copy']);
  assert.match(second.encoder_reason!, /libx264: no memory or processor time is left/);
  assert.equal(streamFacts(second.path!, 'codec_name')['codec_name'], 'mjpeg');
  assert.equal(live.count, 0);
});

test('a clip whose ffmpeg cannot be started gives its room back', async () => {
  const bench = new QueueBench();
  const options = { ffmpeg: '/nonexistent/ffmpeg' };
  await using rig = new RecorderRig(PICTURES, options, SYSTEM_CLOCK, { live: bench.queue.live });
  await assert.rejects(rig.recorder.start(clipRequest('none')), /not installed/);
  assert.equal(bench.queue.live.count, 0);
  assert.equal(bench.queue.report()['memory_bytes'], 0);
});
