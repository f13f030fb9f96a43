import type { ClipResult } from '../../src/record/clip/clip.ts';

/** What the recorder tells of a clip of ten seconds that went well. */
export const clipResult = (clip: string, parts: Partial<ClipResult> = {}): ClipResult => ({
  clip,
  camera: 'front',
  state: 'ready',
  end: 'duration',
  path: `/clips/${clip}.mp4`,
  encoder: 'copy',
  frames: 20,
  duration_ms: 627,
  pre_roll_asked_ms: 0,
  pre_roll_got_ms: 0,
  gaps: [],
  bytes: 1,
  started_at: '2025-06-01T12:00:00.000Z',
  ...parts,
});
