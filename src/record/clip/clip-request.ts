import { CamboxError } from '../../base/errors.ts';
import type { ClipRequest } from './clip.ts';

const CLIP_ID = /^[a-z0-9-]{1,100}$/;
const CLASS = /^[a-z0-9-]{1,32}$/;

/** Throws `bad_argument` when the request cannot be meant: the id becomes a file name. */
export function checkClipRequest({ id, preMs, durationMs, class: ofClass = '-' }: ClipRequest): void {
  if (!CLIP_ID.test(id)) throw bad('the id must be 1 to 100 of a-z, 0-9 and -', id);
  if (!CLASS.test(ofClass)) throw bad('the class must be 1 to 32 of a-z, 0-9 and -', ofClass);
  if (!(Number.isFinite(preMs) && preMs >= 0)) throw bad('the pre-roll must be 0 or more milliseconds', preMs);
  if (durationMs !== undefined && !(Number.isFinite(durationMs) && durationMs > 0)) {
    throw bad('the duration must be more than 0 milliseconds', durationMs);
  }
}

const bad = (reason: string, received: unknown): CamboxError =>
  new CamboxError('bad_argument', { verb: 'start', thing: 'a clip', reason, received });
