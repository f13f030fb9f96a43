import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { monoPlus } from '../../../src/base/units.ts';
import type { ClipMetadata } from '../../../src/record/clip/clip-metadata.ts';
import { readClipMetadata } from '../../../src/record/clip/clip-metadata-file.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { cameraPictures } from '../../support/mjpeg-pictures.ts';
import { clipRequest, decodedFrames, RecorderRig } from '../../support/recorder-rig.ts';
import { until } from '../../support/until.ts';

const PICTURES = cameraPictures(10);
const LABEL = 'Tür "Nord"; a=1\\n {ß} – 日本';

async function metadataOf(path: string): Promise<ClipMetadata> {
  const metadata = await readClipMetadata(path);
  if (typeof metadata === 'string') throw new Error(`${path}: ${metadata}`);
  return metadata;
}

/** The tags as another program reads them. */
function tagsOf(path: string): Record<string, string> {
  const args = ['-v', 'error', '-show_entries', 'format_tags', '-of', 'json', path];
  return JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' })).format.tags;
}

for (const encoder of ['copy', 'libx264'] as const) {
  test(`a clip's file (${encoder}) says what it is, when it was taken and what became of it`, async () => {
    const clock = new FakeClock();
    await using rig = new RecorderRig(PICTURES, {}, clock);
    for (let i = 0; i < 20; i++) rig.push(monoPlus(clock.now(), (i - 19) * 50_000));
    const triggered = new Date(clock.wall()).toISOString();
    const clip = await rig.recorder.start(
      clipRequest('door', { label: LABEL, encoder, preMs: 1000, durationMs: 2000 }),
    );
    await rig.pushMany(clock.now(), 41, 50);
    const { path, bytes, ...outcome } = await clip.finished;

    const metadata = await metadataOf(path!);
    assert.deepEqual(metadata.beginning, {
      ...{ cambox_clip: 1, clip: 'door', camera: 'front', label: LABEL, box: 'box-1', boot_id: 'test-boot' },
      ...{ clock_synced: true, started_at: outcome.started_at, triggered_at: triggered },
      triggered_mono_us: metadata.beginning.triggered_mono_us,
      ...{ pre_roll_asked_ms: 1000, duration_asked_ms: 2000, encoder },
    });
    assert.equal(Date.parse(triggered) - Date.parse(outcome.started_at), 950);
    assert.deepEqual(metadata.outcome, outcome);
    const tags = tagsOf(path!);
    assert.equal(tags['title'], LABEL);
    assert.deepEqual(JSON.parse(tags['comment']!), metadata.beginning);
    assert.deepEqual(JSON.parse(tags['description']!), outcome);
    assert.equal(Date.parse(tags['creation_time']!), Math.floor(Date.parse(outcome.started_at) / 1000) * 1000);
    assert.equal(decodedFrames(path!), outcome.frames);
    assert.ok(bytes > 0);
  });
}

test('a clip that is still being written says whose it is, and no outcome', async () => {
  await using rig = new RecorderRig(PICTURES);
  const clip = await rig.recorder.start(clipRequest('door', { encoder: 'copy' }));
  await rig.pushMany(rig.clock.now(), 60);
  const partial = join(rig.dir, 'door.mp4.partial');
  await until('ffmpeg has written its header', () => rig.queuedFrames === 0);
  const { beginning, outcome } = await metadataOf(partial);
  assert.deepEqual([beginning.clip, beginning.camera, beginning.label], ['door', 'front', undefined]);
  assert.equal(outcome, undefined);
  clip.stop('stopped');
  assert.equal((await clip.finished).state, 'ready');
});
