import type { MonoUs, WallMs } from '../../base/units.ts';
import type { ChosenEncoder } from '../encoders/encoder-advice.ts';
import type { ClipRequest } from './clip.ts';
import type { ClipRow } from './clip-row.ts';

/** What was known of a clip when it was triggered. */
export interface ClipOrder {
  readonly camera: string;
  readonly request: ClipRequest;
  readonly triggeredAt: MonoUs;
  /** The wall clock at the trigger. */
  readonly triggeredWall: WallMs;
  readonly chosen: ChosenEncoder;
  readonly row: ClipRow;
}
