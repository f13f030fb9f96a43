import type { Demotion } from './demotions.ts';
import type { EncoderVerdict } from './encoder-verdict.ts';

/** A verdict holds for the ffmpeg build, kernel, device, size and arguments that its key is made of. */
export interface StoredVerdict {
  readonly key: string;
  /** For people: `h264_v4l2m2m 1280x720`. */
  readonly about: string;
  readonly verdict: EncoderVerdict;
  /** ISO 8601. */
  readonly at: string;
}

export interface EncoderMemory {
  readonly verdicts: readonly StoredVerdict[];
  readonly demotions: readonly Demotion[];
}

export const NOTHING_REMEMBERED: EncoderMemory = { verdicts: [], demotions: [] };

/** Where what was found out about encoders outlives a restart. */
export interface VerdictStore {
  /** Nothing when there is none, or when it cannot be read: it is found out again. Never throws. */
  load(): Promise<EncoderMemory>;
  /** Throws when it cannot be kept. */
  save(memory: EncoderMemory): Promise<void>;
}

/** Where there is no place to keep anything. */
export const FORGETFUL: VerdictStore = {
  load: () => Promise.resolve(NOTHING_REMEMBERED),
  save: () => Promise.resolve(),
};
