import type { ChosenClips } from '../clip/chosen-clips.ts';
import type { PictureSize } from '../encoders/encoder-profile.ts';
import type { LabelWish } from './label-text.ts';
import type { Pace } from './picture-slots.ts';

/** A timelapse of stored clips. */
export interface TimelapseRequest {
  /** In the order in which they are shown. */
  readonly clips: ChosenClips;
  readonly pace: Exclude<Pace, 'each'>;
  readonly fps: number;
  /** Undefined: that of the first clip. */
  readonly size: PictureSize | undefined;
  readonly label: LabelWish | undefined;
}
