import type { PictureSize } from '../encoders/encoder-profile.ts';
import type { LabelWish } from './label-text.ts';
import type { Pace } from './picture-slots.ts';

/** A timelapse of stored clips. */
export interface TimelapseRequest {
  /** Ids of clips, in the order in which they are shown; or those of a camera whose first frame lies in a span, the oldest first. */
  readonly clips:
    | readonly string[]
    | { readonly camera: string; readonly fromMs: number | undefined; readonly untilMs: number | undefined };
  readonly pace: Exclude<Pace, 'each'>;
  readonly fps: number;
  /** Undefined: that of the first clip. */
  readonly size: PictureSize | undefined;
  readonly label: LabelWish | undefined;
}
