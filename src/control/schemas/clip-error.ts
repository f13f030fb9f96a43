import { CamboxError, type ErrorCode } from '../../base/errors.ts';
import type { ClipEnd, ClipResult } from '../../record/clip/clip.ts';

/** Why there is no file, as an error code. */
const FAILURE_CODES: Partial<Record<ClipEnd, ErrorCode>> = {
  camera_lost: 'device_lost',
  no_frames: 'device_lost',
  shutdown: 'interrupted',
  disk_failed: 'not_writable',
  disk_full: 'disk_full',
  ffmpeg_failed: 'child_failed',
  out_of_memory: 'resource_limit',
};

/** What a clip that is not as asked for means for the command that started it; undefined for one that is. */
export function clipError(clip: ClipResult): CamboxError | undefined {
  if (clip.state === 'ready') return undefined;
  const detail = clip.detail === undefined ? '' : ` (${clip.detail})`;
  if (clip.state === 'interrupted') {
    return new CamboxError('interrupted', {
      verb: 'finish',
      thing: `clip ${clip.clip}`,
      reason: `it ended early: ${clip.end}${detail}`,
      remedy: `What was recorded until then plays: ${clip.path}`,
    });
  }
  return new CamboxError(FAILURE_CODES[clip.end] ?? 'child_failed', {
    verb: 'record',
    thing: `clip ${clip.clip}`,
    reason: `${clip.end}${detail}`,
  });
}
