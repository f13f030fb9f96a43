import type { InputFacts } from '../cut/input-facts.ts';
import type { EncoderProfile, PictureSize } from '../encoders/encoder-profile.ts';
import type { PassthroughOption } from '../ffmpeg/ffmpeg-arguments.ts';
import type { LabelWish } from './label-text.ts';
import type { Pace, TimedPicture } from './picture-slots.ts';

/** A stored video, and the wall clock at its first picture. */
export interface TimelapseVideo {
  /** Absolute. */
  readonly path: string;
  readonly facts: InputFacts;
  readonly startMs: number;
  /** Its key frames stand at most so far apart; Infinity when nobody knows. */
  readonly keyFramesMs: number;
}

/** What a timelapse is made of; in the order in which it is shown. */
export type TimelapseSource =
  | { readonly kind: 'pictures'; readonly pictures: readonly TimedPicture[] }
  | { readonly kind: 'videos'; readonly videos: readonly TimelapseVideo[] };

export interface TimelapseOrder {
  readonly source: TimelapseSource;
  /** Absolute, of a file that is not there. */
  readonly out: string;
  /** Videos have no `each`. */
  readonly pace: Pace;
  readonly fps: number;
  /** Even numbers. */
  readonly size: PictureSize;
  readonly label: { readonly wish: LabelWish; readonly font: string } | undefined;
  readonly encoder: EncoderProfile;
  readonly crf: number;
  readonly passthrough: PassthroughOption;
  /** What the file says of itself; of videos only. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A timelapse that is done, as it is told to people and programs. */
export interface TimelapseReport {
  readonly path: string;
  readonly frames: number;
  readonly duration_ms: number;
  readonly width: number;
  readonly height: number;
  /** Pictures or videos that were used, and those that could not be read. */
  readonly used: number;
  readonly unreadable: number;
  /** The first of those, with the reason. */
  readonly unreadable_files: readonly { readonly path: string; readonly reason: string }[];
  readonly bytes: number;
  readonly cpu_ms?: number;
  readonly peak_memory_bytes?: number;
}
