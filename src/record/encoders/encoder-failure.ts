import type { ClipEnd, ClipResult } from '../clip/clip.ts';
import type { MemoryUse } from '../memory/memory-caps.ts';

/**
 * Why a clip's encoder is to blame for how it went; undefined when it is not. `killed` is why its ffmpeg was killed for its
 * memory: that the machine had none left is nobody's fault. Pure.
 */
export function encoderFailure({ encoder, end, detail }: ClipResult, killed: MemoryUse['killed']): string | undefined {
  if (encoder === 'copy') return undefined;
  if (end === 'ffmpeg_failed') return detail ?? 'its ffmpeg failed';
  return end === 'out_of_memory' && killed === 'over_cap' ? detail : undefined;
}

/** Where copying has worked for so long it is begun anew when it breaks off; sooner it would break off again and again. */
const COPY_WORKED_MS = 10_000;

/**
 * Whether a clip ended before its time for a reason that another encoder, or another ffmpeg, may not have. `endedAs`: what it
 * was told. Pure.
 */
export function brokeOff({ encoder, end, duration_ms }: ClipResult, endedAs: ClipEnd | undefined): boolean {
  if (encoder === 'copy' && duration_ms < COPY_WORKED_MS) return false;
  const wasToldToEnd = endedAs !== undefined && endedAs !== 'ffmpeg_failed';
  return !wasToldToEnd && (end === 'ffmpeg_failed' || end === 'out_of_memory');
}
