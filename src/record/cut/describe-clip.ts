import type { FfmpegUse } from '../ffmpeg/ffmpeg-job.ts';
import type { ShownPart } from '../media/shown-part.ts';
import { audioOf } from './cut-input.ts';
import type { ClipOrder, CutClip, CutWarning } from './cut-order.ts';
import type { InputFacts } from './input-facts.ts';

/** A clip that is in its place. */
export interface MadeClip {
  readonly order: ClipOrder;
  readonly shown: ShownPart;
  readonly bytes: number;
  /** Of the ffmpeg that made it, and so many others beside. */
  readonly use: Pick<FfmpegUse, 'cpuMs' | 'residentBytes' | 'damage'>;
  readonly sharers: number;
}

export function describeClip({ order, shown, bytes, use, sharers }: MadeClip, facts: InputFacts): CutClip {
  const { cpuMs, residentBytes } = use;
  return {
    path: order.path,
    start_ms: order.range.startUs / 1000,
    duration_ms: shown.durationMs,
    frames: shown.frames,
    hidden_lead_in_ms: shown.hiddenMs,
    hidden_frames: shown.hiddenFrames,
    audio: audioOf(facts),
    bytes,
    ...(cpuMs !== undefined && { cpu_ms: Math.round(cpuMs / sharers) }),
    ...(residentBytes !== undefined && { peak_memory_bytes: residentBytes }),
    warnings: [...cutShort(order), ...damaged(use)],
  };
}

function cutShort({ range }: ClipOrder): CutWarning[] {
  if (range.warning !== 'cut_short') return [];
  const missingUs = (range.asked.durationUs ?? 0) - range.durationUs;
  return [{ code: 'cut_short', says: `the file ends ${missingUs / 1e6} s too early for it` }];
}

const damaged = ({ damage }: Pick<FfmpegUse, 'damage'>): CutWarning[] =>
  damage === '' ? [] : [{ code: 'input_damaged', says: `the file is damaged: ${damage}` }];
