import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureType, outputType } from '../../../src/v4l2/buffer-type.ts';
import type { Capabilities, Role } from '../../../src/v4l2/capabilities.ts';

const withRoles = (...roles: Role[]): Capabilities => ({
  driver: '',
  card: '',
  bus: '',
  version: '',
  roles,
  streaming: true,
});

for (const [roles, capture, output] of [
  [['video_capture'], 'video_capture', 'video_output'],
  [['video_capture_mplane'], 'video_capture_mplane', 'video_output'],
  [['video_capture', 'video_capture_mplane'], 'video_capture', 'video_output'],
  [['video_m2m'], 'video_capture', 'video_output'],
  [['video_m2m_mplane'], 'video_capture_mplane', 'video_output_mplane'],
  [['metadata_capture'], 'video_capture', 'video_output'],
] as const) {
  test(`A device with ${roles.join(' and ')} is asked for ${capture} and ${output}`, () => {
    const capabilities = withRoles(...roles);
    assert.deepEqual([captureType(capabilities), outputType(capabilities)], [capture, output]);
  });
}
