import { CamboxError } from '../base/errors.ts';
import type { LiveLease, LiveRecordings, LiveWorkload } from '../jobs/live-recordings.ts';
import type { ClipEncoder, ClipRequest } from './clip.ts';

/** Gives recordings their room; implemented by the queue of jobs, which knows what else runs. */
export type LiveAdmission = Pick<LiveRecordings, 'admit'>;

/** A clip that may be recorded. */
export interface AdmittedClip {
  /** As asked for, but for the encoder. */
  readonly request: ClipRequest;
  /** Why it is not encoded as asked for. */
  readonly encoderReason: string | undefined;
  readonly lease: LiveLease;
}

/** One thread each for decoder and encoder: half the memory of two, and a core is enough for a camera. */
const THREADS = 1;

/** Copying always works and costs least. */
const CHEAPEST: ClipEncoder = 'copy';

/**
 * Room for a clip of pictures of this size, at once or not at all: encoded as asked for, else as a copy. Throws `busy` when
 * there is no room even for that.
 */
export function admitClip(
  live: LiveAdmission,
  request: ClipRequest,
  size: { readonly width: number; readonly height: number },
): AdmittedClip {
  const workload = (encoder: ClipEncoder): LiveWorkload => ({ kind: 'live', encoder, threads: THREADS, ...size });
  const cheaper = request.encoder === CHEAPEST ? [] : [workload(CHEAPEST)];
  const lease = live.admit(`clip ${request.id}`, [workload(request.encoder), ...cheaper]);
  if (lease instanceof CamboxError) throw lease;
  if (lease.workload.encoder === request.encoder) return { request, encoderReason: undefined, lease };
  return {
    request: { ...request, encoder: CHEAPEST },
    encoderReason: `no memory or processor time is left for ${request.encoder} beside what runs`,
    lease,
  };
}
