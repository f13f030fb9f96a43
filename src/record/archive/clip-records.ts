import { type ClipRecord, type ClipState, withWords } from '../../catalog/clips/clip-record.ts';
import type { ClipEnd, ClipResult } from '../clip/clip.ts';
import type { ClipBeginning, ClipOutcomeNote } from '../clip/clip-metadata.ts';
import type { StoredClip } from '../media/stored-clip.ts';

/** A file in the recording folder. */
export interface FoundFile {
  /** Its name there. */
  readonly file: string;
  readonly bytes: number;
}

/** In which boot of the machine, and whether the wall clock was set then. */
export interface RecordedWhere {
  readonly bootId: string | undefined;
  readonly clockSynced: boolean | undefined;
}

/** Ends that nobody chose and that were found at the next start. */
const CUT_OFF: ReadonlySet<ClipEnd> = new Set(['power_cut', 'crashed']);

const stateOf = ({ state, end }: Pick<ClipOutcomeNote, 'state' | 'end'>): ClipState => {
  if (CUT_OFF.has(end)) return 'recovered';
  return state === 'ready' ? 'ready' : 'interrupted';
};

/** What the catalogue keeps of a clip's result. Pure, as all below. */
export function recordOfResult(
  result: ClipOutcomeNote,
  { file, bytes }: FoundFile,
  { bootId, clockSynced }: RecordedWhere,
): ClipRecord {
  const { label, encoder_reason, continued_by, continues, lost_at_most_ms, memory, detail } = result;
  const record: ClipRecord = {
    clip: result.clip,
    camera: result.camera,
    state: stateOf(result),
    end: result.end,
    file,
    bytes,
    protected: false,
    started_at: result.started_at,
    clock_synced: clockSynced ?? null,
    ...(result.class !== undefined && { class: result.class }),
    ...(bootId !== undefined && { boot_id: bootId }),
    duration_ms: result.duration_ms,
    frames: result.frames,
    pre_roll_asked_ms: result.pre_roll_asked_ms,
    pre_roll_got_ms: result.pre_roll_got_ms,
    ...(lost_at_most_ms !== undefined && { lost_at_most_ms }),
    encoder: result.encoder,
    ...(encoder_reason !== undefined && { encoder_reason }),
    ...(continued_by !== undefined && { continued_by }),
    ...(continues !== undefined && { continues }),
    ...(label !== undefined && { label }),
    gaps: result.gaps,
    ...(memory !== undefined && { memory }),
    ...(detail !== undefined && { detail }),
  };
  return withWords(record, result.words ?? {});
}

/** A clip whose time was told by a clock that was set by `stepMs` later. */
export function atCorrectedTime<T extends { readonly started_at: string; readonly detail?: string }>(
  clip: T,
  stepMs: number,
): T {
  const started_at = new Date(Date.parse(clip.started_at) + stepMs).toISOString();
  const note = `its time was corrected by ${stepMs / 1000} s, as the clock was set`;
  return { ...clip, started_at, detail: clip.detail === undefined ? note : `${clip.detail}; ${note}` };
}

/** The outcome of a clip that nobody ended, from what its file holds. */
export function outcomeOf(
  beginning: ClipBeginning,
  stored: StoredClip,
  found: { readonly end: ClipEnd; readonly lostAtMostMs?: number; readonly detail?: string },
): ClipOutcomeNote {
  const { clip, camera, label, continues, encoder, started_at, pre_roll_asked_ms } = beginning;
  const before = Math.max(0, Date.parse(beginning.triggered_at) - Date.parse(started_at));
  const result: Omit<ClipResult, 'path' | 'bytes'> = {
    clip,
    camera,
    ...(label !== undefined && { label }),
    ...(beginning.class !== undefined && { class: beginning.class }),
    state: 'interrupted',
    end: found.end,
    encoder,
    ...(continues !== undefined && { continues }),
    frames: stored.frames,
    duration_ms: stored.spanMs,
    pre_roll_asked_ms,
    pre_roll_got_ms: Math.min(before, stored.spanMs),
    gaps: [],
    started_at,
    ...(found.lostAtMostMs !== undefined && { lost_at_most_ms: Math.round(found.lostAtMostMs) }),
    ...(found.detail !== undefined && { detail: found.detail }),
  };
  return result;
}
