import type { WholeClipResult } from '../../record/clip/clip.ts';

/** What became of a clip, for people: one line, and one more for each thing that is odd. */
export function clipLine(clip: WholeClipResult): string {
  const { path, state, end, frames, duration_ms, bytes, encoder, gaps } = clip;
  const seconds = (duration_ms / 1000).toFixed(1);
  const file = clip.files === undefined ? (path ?? clip.clip) : `${clip.clip}  ${clip.file_count} files`;
  const lines = [`${state.padEnd(11)} ${file}  ${seconds} s, ${frames} frames, ${bytes} bytes, ${encoder} (${end})`];
  const missingMs = clip.pre_roll_asked_ms - clip.pre_roll_got_ms;
  // a frame's time is usual: the oldest one is younger than what was asked for
  if (missingMs > 200) lines.push(`  of the past ${(clip.pre_roll_got_ms / 1000).toFixed(1)} s were there`);
  if (gaps.length > 0) {
    const lost = gaps.reduce((sum, gap) => sum + gap.frames, 0);
    lines.push(`  ${gaps.length} gaps: ${lost} frames are missing`);
  }
  for (const part of clip.files ?? []) {
    lines.push(`  ${part.path ?? part.clip}  ${(part.duration_ms / 1000).toFixed(1)} s, ${part.encoder} (${part.end})`);
  }
  for (const words of [clip.encoder_reason, clip.detail]) if (words !== undefined) lines.push(`  ${words}`);
  return lines.join('\n');
}
