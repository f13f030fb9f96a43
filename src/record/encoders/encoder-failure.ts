import type { ClipEnd, ClipResult } from '../clip.ts';
import type { MemoryUse } from '../memory/memory-caps.ts';

/** Frames that a slow encoder may cost a clip, as a part of all. */
const MOST_DROPPED = 0.05;

/**
 * Why a clip's encoder is to blame for how it went; undefined when it is not. `killed` is why its ffmpeg was killed for its
 * memory: that the machine had none left is nobody's fault. Pure.
 */
export function encoderFailure(
  { encoder, end, detail, frames, gaps }: ClipResult,
  killed: MemoryUse['killed'],
): string | undefined {
  if (encoder === 'copy') return undefined;
  if (end === 'ffmpeg_failed') return detail ?? 'its ffmpeg failed';
  if (end === 'out_of_memory') return killed === 'over_cap' ? detail : undefined;
  const dropped = gaps.reduce((sum, gap) => sum + (gap.where === 'queue' ? gap.frames : 0), 0);
  if (dropped <= MOST_DROPPED * (frames + dropped)) return undefined;
  return `too slow: ${dropped} of ${frames + dropped} frames were dropped`;
}

/** Whether a clip ended before its time for a reason that another encoder may not have. `endedAs`: what it was told. Pure. */
export function brokeOff({ encoder, end }: ClipResult, endedAs: ClipEnd | undefined): boolean {
  if (encoder === 'copy') return false;
  const wasToldToEnd = endedAs !== undefined && endedAs !== 'ffmpeg_failed';
  return !wasToldToEnd && (end === 'ffmpeg_failed' || end === 'out_of_memory');
}
