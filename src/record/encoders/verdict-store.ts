import type { EncoderName } from '../../base/encoder-names.ts';
import type { Demotion } from './demotions.ts';
import type { EncoderVerdict } from './encoder-verdict.ts';

/** A verdict holds for the ffmpeg build, kernel, device, size and arguments that its key is made of. */
export interface StoredVerdict {
  readonly key: string;
  readonly encoder: EncoderName;
  /** `1280x720`; empty when no picture had been seen. */
  readonly size: string;
  readonly verdict: EncoderVerdict;
}

/** A probe, for the record. */
export interface ProbeNote extends StoredVerdict {
  /** Wall clock. */
  readonly atMs: number;
  /** The version of ffmpeg. */
  readonly ffmpeg: string;
  readonly tookMs: number;
}

export interface EncoderMemory {
  /** The oldest first. */
  readonly verdicts: readonly StoredVerdict[];
  readonly demotions: readonly Demotion[];
}

export const NOTHING_REMEMBERED: EncoderMemory = { verdicts: [], demotions: [] };

/** Where what was found out about encoders outlives a restart. */
export interface VerdictStore {
  /** What holds still; nothing when it cannot be read: it is found out again. Never throws. */
  load(): EncoderMemory;
  /** Rejects when it cannot be kept. */
  add(probe: ProbeNote): Promise<void>;
  /** What was found of the encoder at this size holds no more. Rejects when that cannot be kept. */
  demote(demotion: Demotion): Promise<void>;
}

/** Where there is no place to keep anything. */
export const FORGETFUL: VerdictStore = {
  load: () => NOTHING_REMEMBERED,
  add: () => Promise.resolve(),
  demote: () => Promise.resolve(),
};
