import type { CamboxError } from '../../base/errors.ts';

/**
 * What an error says of a camera: `absent`: it is not there; `faulty`: it is there, may be used, and does not do its
 * work; `blocked`: something else keeps us from it, and no cure of the camera would help.
 */
export type Judgement = 'absent' | 'faulty' | 'blocked';

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
