/** What jobs make of clips. The kind of a file is its class, too, for its age (`retention.class_max_age_days`). */
export const MADE_KINDS = ['cut', 'timelapse'] as const;
export type MadeKind = (typeof MADE_KINDS)[number];

/** A file that a job made of clips, as the catalogue has it. Keys go over MQTT and to the CLI as they stand here. */
export interface MadeRecord {
  /** Its name in the recording folder. */
  readonly file: string;
  readonly kind: MadeKind;
  readonly bytes: number;
  /** The clip that it was cut out of; the first one of a timelapse. */
  readonly clip: string;
  /** Empty when the clip does not tell. */
  readonly camera: string;
  readonly made_at: string;
  /** Whether the wall clock could be trusted then; null: not known. */
  readonly clock_synced: boolean | null;
  /** Wall-clock label of its first picture. */
  readonly started_at: string;
  readonly duration_ms: number;
  /** Absent where it is not known. */
  readonly job?: string;
}
