import type { EncoderName } from '../../base/encoder-names.ts';
import type { MonoUs, WallMs } from '../../base/units.ts';
import type { ChosenEncoder } from '../encoders/encoder-advice.ts';
import type { ClipRequest } from './clip.ts';

/** What was known of a clip when it was triggered. */
export interface ClipOrder {
  readonly camera: string;
  readonly request: ClipRequest;
  readonly triggeredAt: MonoUs;
  /** The wall clock at the trigger. */
  readonly triggeredWall: WallMs;
  readonly chosen: ChosenEncoder;
  /** The clips that this one goes on from, oldest first, and what they were encoded with. */
  readonly before: readonly { readonly clip: string; readonly encoder: EncoderName }[];
}
