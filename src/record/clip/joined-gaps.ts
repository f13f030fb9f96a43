import type { ClipGap } from './clip.ts';

/** So many gaps, all that follow as part of the last of them. */
export function joinedGaps(gaps: readonly ClipGap[], most: number): readonly ClipGap[] {
  const last = gaps[most - 1];
  if (last === undefined || gaps.length <= most) return gaps.slice(0, most);
  const rest = gaps.slice(most);
  const lost_ms = rest.reduce((sum, gap) => sum + gap.lost_ms, last.lost_ms);
  const frames = rest.reduce((sum, gap) => sum + gap.frames, last.frames);
  return [...gaps.slice(0, most - 1), { ...last, lost_ms, frames }];
}
