import type { BackoffLimits } from '../../base/backoff.ts';
import type { CamboxError } from '../../base/errors.ts';

/**
 * What an error says of a camera: `absent`: it is not there; `faulty`: it is there, may be used, and does not do its
 * work; `blocked`: something else keeps us from it, and no cure of the camera would help.
 */
export type Judgement = 'absent' | 'faulty' | 'blocked';

/** A camera that was plugged in again is picked up at once, and within two seconds where nothing tells of it. */
const SOON: BackoffLimits = { firstMs: 250, maxMs: 2000 };
/** Each try takes bandwidth from the cameras that stream; only a change of what is plugged in, or asked for, helps. */
const RARELY: BackoffLimits = { firstMs: 10_000, maxMs: 60_000 };

/** How long to wait between two tries to open a camera that is absent or blocked. */
export const reopenLimits = ({ code }: Pick<CamboxError, 'code'>): BackoffLimits =>
  code === 'no_bandwidth' ? RARELY : SOON;

export function judge({ code }: CamboxError): Judgement {
  switch (code) {
    case 'not_found':
    case 'device_lost':
      return 'absent';
    case 'device_failed':
    case 'device_silent':
    case 'device_stalled':
    case 'pictures_broken':
    case 'pictures_corrupt':
    case 'pictures_frozen':
    case 'timed_out':
      return 'faulty';
    default:
      return 'blocked';
  }
}
