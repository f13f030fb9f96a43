import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClipEnd, ClipResult } from '../../../../src/record/clip/clip.ts';
import { brokeOff, encoderFailure } from '../../../../src/record/encoders/encoder-failure.ts';

const clip = (end: ClipEnd, parts: Partial<ClipResult> = {}): ClipResult => ({
  ...{
    clip: 'a',
    camera: 'front',
    state: 'interrupted',
    end,
    path: null,
    encoder: 'libx264',
    frames: 1,
    duration_ms: 0,
  },
  ...{ pre_roll_asked_ms: 0, pre_roll_got_ms: 0, gaps: [], bytes: 1, started_at: '', detail: 'words' },
  ...parts,
});

test('encoder is to blame when its ffmpeg failed or wanted more memory than its cap', () => {
  assert.equal(encoderFailure(clip('ffmpeg_failed'), undefined), 'words');
  assert.equal(encoderFailure(clip('out_of_memory'), 'over_cap'), 'words');
});

test('encoder is not to blame for the machine, the disk, the camera or what it was told', () => {
  assert.equal(encoderFailure(clip('out_of_memory'), 'no_memory_left'), undefined);
  for (const end of ['disk_failed', 'camera_lost', 'no_frames', 'shutdown', 'stopped', 'duration'] as const) {
    assert.equal(encoderFailure(clip(end), undefined), undefined, end);
  }
});

test('copy is never to blame, and is begun anew only when it has worked for ten seconds', () => {
  const copied = clip('ffmpeg_failed', { encoder: 'copy', duration_ms: 9999 });
  assert.equal(encoderFailure(copied, undefined), undefined);
  assert.equal(brokeOff(copied, undefined), false);
  assert.equal(brokeOff({ ...copied, duration_ms: 10_000 }, undefined), true);
});

test('a clip broke off when ffmpeg ended it before anybody else did', () => {
  assert.equal(brokeOff(clip('ffmpeg_failed'), undefined), true);
  assert.equal(brokeOff(clip('ffmpeg_failed'), 'ffmpeg_failed'), true);
  assert.equal(brokeOff(clip('out_of_memory'), undefined), true);
  assert.equal(brokeOff(clip('ffmpeg_failed'), 'stopped'), false);
  assert.equal(brokeOff(clip('disk_failed'), undefined), false);
});
