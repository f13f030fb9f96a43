import assert from 'node:assert/strict';
import { copyFileSync, statSync, truncateSync } from 'node:fs';
import { test } from 'node:test';
import type { EncoderName } from '../../../src/base/encoder-names.ts';
import { ClipFile } from '../../../src/record/clip/clip-file.ts';
import { cameraPictures } from '../../support/mjpeg-pictures.ts';
import { clipRequest, decodedFrames, frameTimesUs, RecorderRig } from '../../support/recorder-rig.ts';

const CUTS = 12;

for (const encoder of ['copy', 'libx264'] satisfies EncoderName[]) {
  test(`clip (${encoder}) that is torn anywhere is trimmed to whole fragments and plays to their end`, async () => {
    await using rig = new RecorderRig(cameraPictures(30));
    const clip = await rig.recorder.start(clipRequest('whole', { encoder }));
    await rig.pushMany(rig.clock.now(), 150);
    clip.stop('stopped');
    const { path } = await clip.finished;
    const size = statSync(path!).size;
    let before = 0;
    for (let cut = 1; cut <= CUTS; cut++) {
      const file = new ClipFile(rig.dir, `torn-${cut}`);
      copyFileSync(path!, file.partial);
      truncateSync(file.partial, Math.floor((size * cut) / CUTS));
      const stored = await file.measure();
      assert.ok(stored !== undefined && stored.frames >= before, 'a longer file never holds less');
      before = stored.frames;
      if (stored.frames === 0) continue;
      await file.trim(stored.wholeBytes);
      assert.equal(decodedFrames(file.partial), stored.frames);
      assert.equal(frameTimesUs(file.partial).at(-1), Math.round(stored.spanMs * 1000));
    }
    assert.equal(before, 150);
  });
}
