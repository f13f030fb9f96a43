import type { MonoUs } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';
import type { Child } from '../child/child.ts';
import type { ClipResult, RecordingClip } from './clip.ts';
import type { SharedLease } from './clip-admission.ts';
import type { ClipFile } from './clip-file.ts';
import type { ClipOrder } from './clip-order.ts';
import type { FeedLimits } from './frame-feed.ts';
import type { Seen } from './gap-log.ts';
import type { WholeClip } from './whole-clip.ts';

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
  /** The last frame of the file before, when frames may be missing since. */
  readonly lastBefore: Seen | undefined;
  readonly file: ClipFile;
  /** The clip that this is a file of. */
  readonly whole: WholeClip;
  readonly limits: FeedLimits;
  readonly maxClipMs: number;
  /** See ClipSpanParts. */
  readonly isStopped: boolean;
  /** So long without a frame, and the camera counts as lost. */
  readonly lostAfterMs: number;
  readonly ffprobe: string;
  /** Its share of the machine. */
  readonly lease: SharedLease;
  /** Asked when its file is long enough, in the turn of the frame after which the next file begins. */
  nextFile(lastFrameAt: MonoUs, lastSeen: Seen | undefined): RecordingClip | undefined;
  /** Asked when it is over: the clip that goes on where this one broke off, if one does. */
  goOn(result: ClipResult): RecordingClip | undefined;
}
