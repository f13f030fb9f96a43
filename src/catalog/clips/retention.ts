/** Why a file has to go. */
export type ExpiryReason = 'age' | 'camera_quota' | 'total_quota' | 'free_space';

/** What is kept; absent: no such limit. */
export interface RetentionRules {
  readonly maxAgeMs?: number;
  /** By class, instead of `maxAgeMs`. */
  readonly classMaxAgeMs?: ReadonlyMap<string, number>;
  readonly maxBytes?: number;
  readonly cameraMaxBytes?: number;
  /** So much of the disk stays free, beside what is being recorded. */
  readonly leastFreeBytes: number;
}

/** An unprotected clip, or a file that was made of clips. */
export interface Deletable {
  readonly what: 'clip' | 'made';
  /** The clip's, or the file's. */
  readonly name: string;
  /** Empty: none. */
  readonly class: string;
  readonly camera: string;
  /** From when on its age counts: the first frame of a clip, the making of what was made of clips. */
  readonly sinceMs: number;
}

export interface RetentionState {
  readonly nowMs: number;
  /** Only a clock that is known to be right tells ages. */
  readonly clockSynced: boolean | undefined;
  /** Undefined: the disk does not tell. */
  readonly freeBytes: number | undefined;
  /** What clips that are being recorded still need. */
  readonly neededBytes: number;
  /** Of all files, those being written included. */
  readonly usedBytes: number;
  readonly usedByCamera: ReadonlyMap<string, number>;
  /** The oldest of each class whose time can be trusted. */
  oldestOfClasses(): readonly Deletable[];
  /** The oldest that may go, of all cameras or of one. */
  oldestClip(camera?: string): Deletable | undefined;
  oldestMade(camera?: string): Deletable | undefined;
}

export interface Expiry {
  readonly file: Deletable;
  readonly why: ExpiryReason;
}

/** Whoever asked for a cut gets so much time to fetch it: until then clips go first. */
const FETCH_MS = 3_600_000;

/** The next file to delete and why, or undefined when all limits are kept or nothing may be deleted. Pure. */
export function nextToDelete(state: RetentionState, rules: RetentionRules): Expiry | undefined {
  const tooOld = firstTooOld(state, rules);
  if (tooOld !== undefined) return { file: tooOld, why: 'age' };
  for (const [camera, bytes] of state.usedByCamera) {
    if (bytes <= (rules.cameraMaxBytes ?? Number.POSITIVE_INFINITY)) continue;
    const file = firstForRoom(state, camera);
    if (file !== undefined) return { file, why: 'camera_quota' };
  }
  const isOver = state.usedBytes > (rules.maxBytes ?? Number.POSITIVE_INFINITY);
  const isShort = state.freeBytes !== undefined && state.freeBytes < rules.leastFreeBytes + state.neededBytes;
  if (!(isOver || isShort)) return undefined;
  const file = firstForRoom(state);
  return file && { file, why: isOver ? 'total_quota' : 'free_space' };
}

/** What was made of clips can be made again. */
function firstForRoom(state: RetentionState, camera?: string): Deletable | undefined {
  const made = state.oldestMade(camera);
  if (made === undefined) return state.oldestClip(camera);
  const age = state.nowMs - made.sinceMs;
  const isFetched = age < 0 || age >= FETCH_MS;
  return isFetched ? made : (state.oldestClip(camera) ?? made);
}

function firstTooOld(state: RetentionState, { maxAgeMs, classMaxAgeMs }: RetentionRules): Deletable | undefined {
  if (state.clockSynced !== true || (maxAgeMs === undefined && classMaxAgeMs === undefined)) return undefined;
  return state.oldestOfClasses().find((file) => {
    const mostMs = classMaxAgeMs?.get(file.class) ?? maxAgeMs;
    return mostMs !== undefined && file.sinceMs < state.nowMs - mostMs;
  });
}
