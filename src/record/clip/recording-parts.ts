import type { Frame } from '../../frame/frame.ts';
import type { LiveLease } from '../../jobs/live-recordings.ts';
import type { Child } from '../child/child.ts';
import type { ClipResult } from './clip.ts';
import type { ClipFile } from './clip-file.ts';
import type { ClipOrder } from './clip-order.ts';
import type { FeedLimits } from './frame-feed.ts';

/**
 * `starting`: frames wait for ffmpeg; `ending`: no more frames are taken, ffmpeg (if it runs yet) and the disk finish.
 */
export type RecordingState =
  | { readonly step: 'starting' }
  | { readonly step: 'recording'; readonly child: Child }
  | { readonly step: 'ending'; readonly child: Child | undefined }
  | { readonly step: 'finished'; readonly result: ClipResult };

export interface RecordingParts extends ClipOrder {
  /** Pre-roll frames, oldest first; the recording takes over their references. */
  readonly preRoll: readonly Frame[];
  readonly file: ClipFile;
  readonly limits: FeedLimits;
  readonly maxClipMs: number;
  /** So long without a frame, and the camera counts as lost. */
  readonly lostAfterMs: number;
  readonly ffprobe: string;
  /** Its share of the machine. */
  readonly lease: LiveLease;
  /** Asked when it is over: the id of the clip that goes on from here, if one does. */
  goOn(result: ClipResult): string | undefined;
}
