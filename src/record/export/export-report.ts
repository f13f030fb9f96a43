import type { ChosenClips } from '../clip/chosen-clips.ts';

/** Stored clips to be handed over to the place that the config names. */
export interface ExportRequest {
  readonly clips: ChosenClips;
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
