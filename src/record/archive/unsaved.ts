import { FRAGMENT_MS } from '../ffmpeg/ffmpeg-arguments.ts';
import type { StoredClip } from '../media/stored-clip.ts';

/** What a slow disk takes to store what is brought to it. */
const SLOW_DISK_MS = 500;

/**
 * What a clip has beyond its file: a fragment that was not over, and, when the machine went too, what was written since it was last
 * brought to the disk, every other fragment.
 */
export function unsavedMs(
  end: 'crashed' | 'power_cut',
  { frames, spanMs }: Pick<StoredClip, 'frames' | 'spanMs'>,
): number {
  const stepMs = frames > 1 ? spanMs / (frames - 1) : 0;
  // a fragment ends with the first frame that is half a second later, or just not
  const fragmentMs = stepMs === 0 ? FRAGMENT_MS : Math.ceil(FRAGMENT_MS / stepMs - 0.1) * stepMs;
  return end === 'crashed' ? fragmentMs : 2 * fragmentMs + SLOW_DISK_MS;
}
