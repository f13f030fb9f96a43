import { Backoff } from '../../base/backoff.ts';
import type { RetentionRules } from '../../catalog/clips/retention.ts';
import type { Config } from '../../config/config.ts';
import type { CameraControl } from '../../control/box.ts';
import type { RunningClip } from '../../record/archive/retention-keeper.ts';
import { ClipShelf, type ShelfOptions } from './clip-shelf.ts';

export interface ShelfParts extends Pick<ShelfOptions, 'bootId' | 'clock' | 'logger' | 'clockSynced' | 'tell'> {
  /** As it is now; of `record` what it was at the start counts. */
  config(): Config;
  cameras(): readonly CameraControl[];
}

/** A disk that comes late is tried again after so long, twice as long each time. */
const RETRY = { firstMs: 2000, maxMs: 60_000 };
const BYTES_PER_GB = 1e9;
const BYTES_PER_MB = 2 ** 20;
const DAY_MS = 86_400_000;

/** The config's limits in bytes and milliseconds. */
const retentionRules = ({
  max_age_days,
  class_max_age_days,
  max_gb,
  camera_max_gb,
  least_free_mb,
}: Config['retention']): RetentionRules => ({
  ...(max_age_days !== null && { maxAgeMs: max_age_days * DAY_MS }),
  classMaxAgeMs: new Map(Object.entries(class_max_age_days).map(([name, days]) => [name, days * DAY_MS])),
  ...(max_gb !== null && { maxBytes: max_gb * BYTES_PER_GB }),
  ...(camera_max_gb !== null && { cameraMaxBytes: camera_max_gb * BYTES_PER_GB }),
  leastFreeBytes: least_free_mb * BYTES_PER_MB,
});

/** What all cameras record now. */
const runningClips = (cameras: readonly CameraControl[]): readonly RunningClip[] =>
  cameras.flatMap((camera) =>
    camera.clips().map((clip) => ({ clip: clip.id, camera: camera.id, finish: () => clip.stop('disk_full') })),
  );

/** The catalogue of a box; nothing is opened yet. */
export function makeShelf({ config, cameras, ...parts }: ShelfParts): ClipShelf {
  const { dir, ffprobe } = config().record;
  return new ClipShelf({
    ...{ ...parts, dir, ffprobe, backoff: new Backoff(RETRY) },
    recording: () => runningClips(cameras()),
    rules: () => retentionRules(config().retention),
  });
}
