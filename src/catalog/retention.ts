/** Why a clip has to go. */
export type ExpiryReason = 'age' | 'camera_quota' | 'total_quota' | 'free_space';

/** What is kept; absent: no such limit. */
export interface RetentionRules {
  readonly maxAgeMs?: number;
  readonly maxBytes?: number;
  readonly cameraMaxBytes?: number;
  /** So much of the disk stays free, beside what is being recorded. */
  readonly leastFreeBytes: number;
}

/** An unprotected clip that may be deleted. */
export interface Deletable {
  readonly clip: string;
  readonly camera: string;
  readonly startedMs: number;
  /** Whether its time can be trusted; null: not known. */
  readonly clockSynced: boolean | null;
}

export interface RetentionState {
  readonly nowMs: number;
  /** Only a clock that is known to be right tells ages. */
  readonly clockSynced: boolean | undefined;
  /** Undefined: the disk does not tell. */
  readonly freeBytes: number | undefined;
  /** What clips that are being recorded still need. */
  readonly neededBytes: number;
  /** Of all clips, those being recorded included. */
  readonly usedBytes: number;
  readonly usedByCamera: ReadonlyMap<string, number>;
  /** The oldest unprotected clip, of all cameras or of one. */
  oldest(camera?: string): Deletable | undefined;
}

/** The next clip to delete and why, or undefined when all limits are kept or nothing may be deleted. Pure. */
export function nextToDelete(
  state: RetentionState,
  rules: RetentionRules,
): { readonly clip: string; readonly why: ExpiryReason } | undefined {
  const oldest = state.oldest();
  if (oldest === undefined) return undefined;
  if (isTooOld(oldest, state, rules)) return { clip: oldest.clip, why: 'age' };
  for (const [camera, bytes] of state.usedByCamera) {
    if (bytes <= (rules.cameraMaxBytes ?? Number.POSITIVE_INFINITY)) continue;
    const first = state.oldest(camera);
    if (first !== undefined) return { clip: first.clip, why: 'camera_quota' };
  }
  if (state.usedBytes > (rules.maxBytes ?? Number.POSITIVE_INFINITY)) return { clip: oldest.clip, why: 'total_quota' };
  const isShort = state.freeBytes !== undefined && state.freeBytes < rules.leastFreeBytes + state.neededBytes;
  return isShort ? { clip: oldest.clip, why: 'free_space' } : undefined;
}

function isTooOld(clip: Deletable, { nowMs, clockSynced }: RetentionState, { maxAgeMs }: RetentionRules): boolean {
  if (maxAgeMs === undefined || clockSynced !== true || clip.clockSynced === false) return false;
  return clip.startedMs < nowMs - maxAgeMs;
}
