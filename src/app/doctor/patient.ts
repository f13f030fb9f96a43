import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../config/config.ts';
import type { PictureSize } from '../../record/encoders/encoder-profile.ts';

/** What is examined. */
export interface Patient {
  readonly config: Config;
  /** Where the daemon keeps what it remembers. */
  readonly stateFolder: string;
  readonly clock: Clock;
  /** The size of each camera's pictures, by its id, as a running daemon tells it. */
  readonly running: ReadonlyMap<string, PictureSize>;
}
