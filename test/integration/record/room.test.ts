import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CamboxError } from '../../../src/base/errors.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { cameraPictures } from '../../support/mjpeg-pictures.ts';
import { clipRequest, decodedFrames, RecorderRig } from '../../support/recorder-rig.ts';

test('clip is refused with what the disk says when there is no room for it', async () => {
  const full = new CamboxError('disk_full', { verb: 'record into', thing: '/clips', reason: 'the disk is full' });
  await using rig = new RecorderRig(cameraPictures(2), {}, new FakeClock(), { noRoom: () => full });
  await assert.rejects(rig.recorder.start(clipRequest('refused')), full);
  assert.equal((rig.recorder.report() as { refused: number }).refused, 1);
});

test('clip that is ended as there is no room left for more is interrupted, and plays', async () => {
  await using rig = new RecorderRig(cameraPictures(2), {}, new FakeClock());
  const clip = await rig.recorder.start(clipRequest('short', { preMs: 0 }));
  await rig.pushMany(rig.clock.now(), 30);
  clip.stop('disk_full');
  const { state, end, frames, path } = await clip.finished;
  assert.deepEqual([state, end], ['interrupted', 'disk_full']);
  assert.equal(decodedFrames(path!), frames);
});
