import type { EncoderName, EncoderWish } from '../../base/encoder-names.ts';
import type { EncodeJob, PictureSize } from './encoder-profile.ts';
import type { EncoderChoice } from './encoder-verdict.ts';
import type { ProbePictures } from './probe-stream.ts';

export interface ChosenEncoder extends EncoderChoice {
  /** What to encode, with the encoder's device filled in. */
  readonly job: EncodeJob;
}

/** What the recorder of a camera asks about encoders. Nothing here waits. */
export interface EncoderAdvice {
  /** No probe is under way. */
  readonly idle: boolean;
  /** Worth a probe: a better encoder than the one chosen now may turn out to work. */
  undecided(wish: EncoderWish, job: EncodeJob): boolean;
  /** What to encode with now; `avoid` have failed in this clip. */
  choose(wish: EncoderWish, job: EncodeJob, avoid: readonly EncoderName[]): ChosenEncoder;
  /** Probe in the background until one works. Does nothing unless idle. */
  consider(wish: EncoderWish, job: EncodeJob, pictures: ProbePictures): void;
  /** An encoder failed while it recorded. */
  failed(encoder: EncoderName, size: PictureSize, reason: string): void;
}
