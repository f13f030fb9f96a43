/** Stored clips to be handed over to the place that the config names. */
export interface ExportRequest {
  /** Ids; or those of a camera whose first frame lies in a span, the oldest first. */
  readonly clips: readonly string[] | { readonly camera: string; readonly fromMs: number; readonly untilMs: number };
  /** Public keys of age, beside those of the config. */
  readonly recipients: readonly string[];
}

/** What became of an export; goes over MQTT as it stands here. */
export interface ExportReport {
  /** The folder or address of the config. */
  readonly to: string;
  /** Handed over now, there already, and not to be read. */
  readonly copied: number;
  readonly present: number;
  readonly failed: number;
  /** Of what was handed over now, as it is there. */
  readonly bytes: number;
  readonly sealed: boolean;
  /** The first of those that could not be read. */
  readonly failed_clips: readonly { readonly clip: string; readonly problem: string }[];
}
