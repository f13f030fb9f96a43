/** `missing`: its file is gone; `deleting`: its file is being removed; `recovered`: cut short by a power cut or a crash. */
export const CLIP_STATES = ['ready', 'interrupted', 'recovered', 'missing', 'deleting'] as const;
export type ClipState = (typeof CLIP_STATES)[number];

/** A hole in a clip, as the recorder told it. */
export interface RecordedGap {
  readonly at_ms: number;
  readonly lost_ms: number;
  readonly frames: number;
  readonly where: string;
}

/** What the ffmpeg of a clip needed, as the recorder told it. */
export interface RecordedMemory {
  readonly by: string;
  readonly cap_bytes: number;
  readonly peak_bytes: number;
  readonly held_bytes: number;
  readonly cpu_ms?: number | undefined;
}

/** What people may write to a clip, and search for. */
export interface ClipWords {
  readonly label?: string;
  readonly place?: string;
  readonly events?: string;
  readonly notes?: string;
  /** Which rule of age it has (`retention.class_max_age_days`); empty or absent: the common one. */
  readonly class?: string;
}

export const CLIP_WORDS = [
  'label',
  'place',
  'events',
  'notes',
  'class',
] as const satisfies readonly (keyof ClipWords)[];

type GivenWords = { readonly [Name in keyof ClipWords]?: string | undefined };

/** The words of anything that has some; what is undefined is left out. */
export const clipWordsOf = (given: GivenWords): ClipWords =>
  Object.fromEntries(CLIP_WORDS.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));

/** A clip as the catalogue has it. Keys go over MQTT and to the CLI as they stand here. */
export interface ClipRecord extends ClipWords {
  readonly clip: string;
  readonly camera: string;
  readonly state: ClipState;
  /** Why it ended: `ClipEnd` of the recorder, or `power_cut`. */
  readonly end: string;
  /** Its name in the recording folder. */
  readonly file: string;
  readonly bytes: number;
  /** Never removed to make room. */
  readonly protected: boolean;
  /** Wall-clock label of the first frame. */
  readonly started_at: string;
  /** Whether the wall clock could be trusted then; null: not known. */
  readonly clock_synced: boolean | null;
  /** The kernel's boot_id; absent where it is not known. */
  readonly boot_id?: string;
  readonly duration_ms: number;
  readonly frames: number;
  readonly pre_roll_asked_ms?: number;
  readonly pre_roll_got_ms?: number;
  /** What a power cut took from its end, at most, if the machine had kept its rhythm until then. */
  readonly lost_at_most_ms?: number;
  readonly encoder?: string;
  readonly encoder_reason?: string;
  readonly continued_by?: string;
  readonly continues?: string;
  readonly gaps: readonly RecordedGap[];
  readonly memory?: RecordedMemory;
  readonly detail?: string;
}

/** What was written to it later in place of what it had. */
export function withWords(record: ClipRecord, words: GivenWords): ClipRecord {
  const { class: ofClass = '', ...rest } = { ...record, ...clipWordsOf(words) };
  return ofClass === '' ? rest : { ...rest, class: ofClass };
}

/** What lists show of a clip: enough to tell which one is wanted. */
export interface ClipSummary {
  readonly clip: string;
  readonly camera: string;
  readonly state: ClipState;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly bytes: number;
  readonly protected: boolean;
  readonly label?: string;
  readonly class?: string;
}
