import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planRecode, type RecodePlan } from '../../../../src/jpeg/recode/plan-recode.ts';
import { walkJpeg } from '../../../../src/jpeg/walk.ts';
import { RecodeThread } from '../../../../src/stream/fit/recode-thread.ts';
import { ffmpegJpegs } from '../../../support/jpegs.ts';

const PICTURE = ffmpegJpegs(1, '64x48', ['-huffman', 'optimal']);

test('the picture after one that a thread died of is re-coded by the next thread', async () => {
  const layout = walkJpeg(PICTURE);
  assert.ok(typeof layout !== 'string');
  const plan = planRecode(layout, PICTURE, { restartMarkers: 'keep' });
  assert.ok(typeof plan !== 'string');
  await using thread = new RecodeThread();
  const recode = (wanted: RecodePlan): Promise<unknown> =>
    new Promise((resolve) => thread.recode(PICTURE, layout, wanted, resolve));
  assert.equal(await recode({ ...plan, capacityBytes: 2 ** 53 }), 'thread_failed', 'there is so much memory');
  assert.ok((await recode(plan)) instanceof Uint8Array);
});
