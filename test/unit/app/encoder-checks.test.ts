import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encoderChecks } from '../../../src/app/open-encoders.ts';

test('health warns of each encoder that was given up, with its reason and what to do', () => {
  const demotion = { encoder: 'h264_v4l2m2m', size: '1280x720', reason: 'green', at: '' } as const;
  const [check, ...others] = encoderChecks({ demotions: [demotion] });
  assert.deepEqual(others, []);
  assert.deepEqual([check?.id, check?.status, check?.code], ['encoder.h264_v4l2m2m', 'warn', 'encoder_demoted']);
  assert.match(check?.hint ?? '', /failed twice at 1280x720 \(green\)/);
  assert.deepEqual(encoderChecks({ demotions: [] }), []);
});
