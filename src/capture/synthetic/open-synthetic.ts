import { CamboxError } from '../../base/errors.ts';
import { codePlace } from './frame-number-code.ts';
import { SyntheticPictures } from './synthetic-pictures.ts';

/** Pictures of any size that can carry their frame number. Throws `bad_argument` when they are too small for it. */
export function openSynthetic(width: number, height: number): SyntheticPictures {
  const place = codePlace(width, height);
  if (place !== undefined) return new SyntheticPictures(width, height, place);
  throw new CamboxError('bad_argument', {
    verb: 'make',
    thing: 'synthetic pictures',
    reason: 'they are too small to carry their frame number',
    received: `${width}x${height}`,
    remedy: 'Take at least 64x48.',
  });
}
