import type { Clock } from '../../base/clock.ts';
import { within } from '../../base/within.ts';
import type { Child } from '../child/child.ts';
import type { FrameFeed } from './frame-feed.ts';

/** At its end a clip waits for ffmpeg as long as it goes on taking frames, each within this time. */
const STALLED_MS = 5000;

/** Wait until ffmpeg has taken every frame, as long as it goes on taking them. */
export async function drainFeed(feed: FrameFeed, child: Child, clock: Clock): Promise<void> {
  let before = -1;
  while (feed.frames > 0 && feed.written !== before) {
    before = feed.written;
    await within(clock, STALLED_MS, Promise.race([feed.drained(), child.exited]));
    if (feed.closed) return;
  }
}
