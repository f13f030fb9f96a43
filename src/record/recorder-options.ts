import type { Clock } from '../base/clock.ts';
import type { CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { ClipResult } from './clip/clip.ts';
import type { LiveAdmission } from './clip/clip-admission.ts';
import type { ClipOrigin } from './clip/clip-metadata.ts';
import type { EncodingOptions } from './encoders/camera-encoders.ts';
import type { EncoderAdvice } from './encoders/encoder-advice.ts';
import type { MemoryCaps } from './memory/memory-caps.ts';

export interface RecorderOptions {
  /** Where the clips go; made when it is missing. */
  readonly dir: string;
  /** The programs: a name to find in PATH, or a path. */
  readonly ffmpeg: string;
  readonly ffprobe: string;
  readonly encoding: EncodingOptions;
  /** How far the pre-roll ring reaches back, and the most it may hold. */
  readonly preRollMs: number;
  readonly preRollBytes: number;
  /** A clip ends so long after its trigger at the latest. */
  readonly maxClipMs: number;
  /** Clips under way at the same time, those that are being finished included. */
  readonly maxClips: number;
  /** Of the camera's pictures, as far as that is known before the first one comes. */
  readonly width: number;
  readonly height: number;
  /** So long without a frame, and a running clip ends as `camera_lost`. Default 10 s. */
  readonly lostAfterMs?: number;
  /** Live frames a clip may keep waiting for its ffmpeg, beside its pre-roll. Default 8 MiB. */
  readonly queueBytes?: number;
}

export interface RecorderDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether there is room for one more clip. */
  readonly live: LiveAdmission;
  /** Keeps each ffmpeg within its memory. */
  readonly caps: MemoryCaps;
  /** Which box records, in which boot: for the clip's file. */
  readonly origin: ClipOrigin;
  /** Which encoders work on this machine. */
  readonly encoders: EncoderAdvice;
  /** Why no clip may be started now, as far as the disk is concerned. */
  noRoom?(): CamboxError | undefined;
  /** Told once of every clip that was started, when its file is in place or given up. */
  onClip?(result: ClipResult): void;
}
