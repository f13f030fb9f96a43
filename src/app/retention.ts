import type { RetentionRules } from '../catalog/retention.ts';
import type { Config } from '../config/config.ts';
import type { CameraControl } from '../control/box.ts';
import type { Check } from '../health/checks.ts';
import type { RetentionLevel, RunningClip } from '../record/archive/retention-keeper.ts';

const BYTES_PER_GB = 1e9;
const BYTES_PER_MB = 2 ** 20;
const DAY_MS = 86_400_000;

/** The config's limits in bytes and milliseconds. */
export const retentionRules = ({
  max_age_days,
  max_gb,
  camera_max_gb,
  least_free_mb,
}: Config['retention']): RetentionRules => ({
  ...(max_age_days !== null && { maxAgeMs: max_age_days * DAY_MS }),
  ...(max_gb !== null && { maxBytes: max_gb * BYTES_PER_GB }),
  ...(camera_max_gb !== null && { cameraMaxBytes: camera_max_gb * BYTES_PER_GB }),
  leastFreeBytes: least_free_mb * BYTES_PER_MB,
});

/** What all cameras record now. */
export const runningClips = (cameras: readonly CameraControl[]): readonly RunningClip[] =>
  cameras.flatMap((camera) =>
    camera.clips().map((clip) => ({ clip: clip.id, camera: camera.id, finish: () => clip.stop('disk_full') })),
  );

/** The verdict on the disk of the clips. */
export function retentionCheck(level: RetentionLevel): Check {
  const id = 'retention';
  switch (level) {
    case 'ok':
      return { id, status: 'ok' };
    case 'low':
      return {
        id,
        status: 'warn',
        code: 'retention_low',
        hint: 'Little room is left, and no clip may be deleted: see protected clips',
      };
    case 'full':
      return {
        id,
        status: 'fail',
        code: 'retention_full',
        hint: 'Nothing is recorded: take protection from clips, or remove other files',
      };
    case 'read_only':
      return {
        id,
        status: 'fail',
        code: 'retention_read_only',
        hint: 'Remount the disk: nothing is recorded or deleted',
      };
    case 'unknown':
      return {
        id,
        status: 'fail',
        code: 'retention_unknown',
        hint: 'The disk does not tell what is free: look at dmesg',
      };
  }
}
