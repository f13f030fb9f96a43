import { CamboxError } from '../../base/errors.ts';
import type { LiveLease, LiveRecordings, LiveWorkload } from '../../jobs/live-recordings.ts';
import type { ChosenEncoder } from '../encoders/encoder-advice.ts';
import type { PictureSize } from '../encoders/encoder-profile.ts';
import type { ClipRequest } from './clip.ts';

/** Gives recordings their room; implemented by the queue of jobs, which knows what else runs. */
export type LiveAdmission = Pick<LiveRecordings, 'admit'>;

/** A clip that may be recorded. */
export interface AdmittedClip {
  readonly request: ClipRequest;
  /** As it was chosen, or `copy` where there is no room for that. */
  readonly chosen: ChosenEncoder;
  readonly lease: SharedLease;
}

/** A lease with several holders, as one ffmpeg follows the other: the last one to end it gives the room back. */
export interface SharedLease extends LiveLease {
  share(): SharedLease;
}

/** One thread each for decoder and encoder: half the memory of two, and a core is enough for a camera. */
const THREADS = 1;

/** Copying always works and costs least. */
const CHEAPEST = 'copy';

/** What recording with an encoder asks of the machine. */
export const liveWorkload = (encoder: string, { width, height }: PictureSize): LiveWorkload => ({
  ...{ kind: 'live', encoder, threads: THREADS, width, height },
});

/**
 * Room for a clip of pictures of this size, at once or not at all: encoded as chosen, else as a copy. Throws `busy` when
 * there is no room even for that.
 */
export function admitClip(
  live: LiveAdmission,
  request: ClipRequest,
  chosen: ChosenEncoder,
  size: PictureSize,
): AdmittedClip {
  const { encoder } = chosen;
  const cheaper = encoder === CHEAPEST ? [] : [liveWorkload(CHEAPEST, size)];
  const lease = live.admit(`clip ${request.id}`, [liveWorkload(encoder, size), ...cheaper]);
  if (lease instanceof CamboxError) throw lease;
  if (lease.workload.encoder === encoder) return { request, chosen, lease: shared(lease) };
  const reason = `${encoder}: no memory or processor time is left for it beside what runs`;
  return {
    request,
    chosen: { ...chosen, encoder: CHEAPEST, reason: joined(chosen.reason, reason) },
    lease: shared(lease),
  };
}

/**
 * Room for the next file of a clip. The ffmpeg before it needs a moment to end: where there is no room for both as chosen, the
 * next one takes over from it, rather than be stored as a copy.
 */
export function admitNextFile(
  live: LiveAdmission,
  request: ClipRequest,
  chosen: ChosenEncoder,
  size: PictureSize,
  before: Pick<AdmittedClip, 'chosen' | 'lease'>,
): AdmittedClip {
  if (chosen.encoder !== before.chosen.encoder) return admitClip(live, request, chosen, size);
  const lease = live.admit(`clip ${request.id}`, [liveWorkload(chosen.encoder, size)]);
  return { request, chosen, lease: lease instanceof CamboxError ? before.lease.share() : shared(lease) };
}

function shared(lease: LiveLease): SharedLease {
  let holders = 0;
  const hold = (): SharedLease => {
    holders += 1;
    let isOver = false;
    const end: LiveLease['end'] = (use) => {
      if (isOver) return;
      isOver = true;
      holders -= 1;
      if (holders === 0) lease.end(use);
    };
    return { workload: lease.workload, capBytes: lease.capBytes, share: hold, end };
  };
  return hold();
}

const joined = (...reasons: readonly (string | undefined)[]): string =>
  reasons.filter((reason) => reason !== undefined).join('; ');
