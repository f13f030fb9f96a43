import type { EncoderProfile } from '../encoders/encoder-profile.ts';
import type { PassthroughOption } from '../ffmpeg/ffmpeg-arguments.ts';
import type { FittedRange } from './cut-ranges.ts';
import type { InputFacts } from './input-facts.ts';

/**
 * `copy`: what is stored stays as it is; the first picture shown is the right one, and those before it back to the last
 * key frame are carried along unseen. `exact`: encoded anew, and nothing else is in the file.
 */
export const ACCURACIES = ['copy', 'exact'] as const;
export type Accuracy = (typeof ACCURACIES)[number];

export interface ClipOrder {
  /** Absolute, of a file that is not there. */
  readonly path: string;
  readonly range: FittedRange;
  /** What the file says of itself. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Clips out of one file. */
export interface CutOrder {
  /** Absolute. */
  readonly input: string;
  readonly facts: InputFacts;
  readonly clips: readonly ClipOrder[];
  readonly encoding: { readonly accuracy: 'copy' } | ({ readonly accuracy: 'exact' } & ExactEncoding);
}

export interface ExactEncoding {
  readonly encoder: EncoderProfile;
  readonly crf: number;
  readonly passthrough: PassthroughOption;
}

/** A clip that is done, as it is told to people and programs. */
export interface CutClip {
  readonly path: string;
  /** Where in the input it begins. */
  readonly start_ms: number;
  /** What is shown: pictures, and how long they last. */
  readonly duration_ms: number;
  readonly frames: number;
  /** What stands before the first picture shown, for decoding alone; 0 with `exact`. */
  readonly hidden_lead_in_ms: number;
  readonly hidden_frames: number;
  readonly audio: 'copied' | 'encoded' | 'none';
  readonly bytes: number;
  /** Its share of the ffmpeg that made it; left out when it cannot be told. */
  readonly cpu_ms?: number;
  /** The most memory that this ffmpeg had, libraries included; clips made by one ffmpeg have the same. */
  readonly peak_memory_bytes?: number;
  readonly warnings: readonly CutWarning[];
}

export interface CutWarning {
  readonly code: 'cut_short' | 'input_damaged';
  readonly says: string;
}
