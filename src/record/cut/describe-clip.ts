import type { FfmpegUse } from '../ffmpeg/ffmpeg-job.ts';
import type { ShownPart } from '../media/shown-part.ts';
import { audioOf } from './cut-input.ts';
import type { ClipOrder, CutClip, CutWarning } from './cut-order.ts';
import type { InputFacts } from './input-facts.ts';

/** A clip that is in its place. */
export interface MadeClip {
  readonly order: ClipOrder;
  readonly shown: ShownPart;
  /** From the beginning of its range to the end of its last picture; undefined when that is not known any more. */
  readonly untilUs: number | undefined;
  readonly bytes: number;
  /** Of the ffmpeg that made it, and so many others beside. */
  readonly use: Pick<FfmpegUse, 'cpuMs' | 'residentBytes' | 'damage'>;
  readonly sharers: number;
}

export function describeClip(made: MadeClip, facts: InputFacts): CutClip {
  const { order, shown, bytes, use, sharers } = made;
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
    warnings: [...cutShort(made, facts), ...damaged(made, facts)],
  };
}

/** What is missing at the end is told when it is more than that; in pictures, which may come at a varying rate. */
const NO_SHORTAGE_FRAMES = 1.5;
const NO_SHORTAGE_US = 100_000;
/** Of a range to the end: the length of a file is that of its sound, too. */
const USUAL_REST_US = 1e6;

/** A file that was torn off tells the length that it should have had, or none: what counts is how much is shown. */
function cutShort({ order: { range }, shown, untilUs }: MadeClip, { video, audio }: InputFacts): CutWarning[] {
  const wantedUs = range.asked.durationUs ?? range.durationUs;
  const missingUs = wantedUs - Math.min(range.durationUs, untilUs ?? range.durationUs);
  const isToEnd = range.asked.durationUs === undefined && audio.length > 0;
  const pictureUs = Math.max(video.frameUs, shown.longestGapMs * 1000);
  const least = Math.max(isToEnd ? USUAL_REST_US : NO_SHORTAGE_US, NO_SHORTAGE_FRAMES * pictureUs);
  if (range.warning !== 'cut_short' && missingUs <= least) return [];
  const missingS = Math.round(missingUs / 1000) / 1000;
  const says = `${range.toEnd ? 'the file ends' : 'its pictures end'} ${missingS} s too early for it`;
  return [{ code: 'cut_short', says }];
}

/** Pictures that are not there are no sign of damage by themselves: their rate may vary. */
function damaged({ order, shown, use: { damage } }: MadeClip, { video }: InputFacts): CutWarning[] {
  if (damage === '') return [];
  const usual = Math.round(order.range.durationUs / video.frameUs);
  const fewer = shown.frames + NO_SHORTAGE_FRAMES < usual ? ` (${shown.frames} pictures of about ${usual})` : '';
  return [{ code: 'input_damaged', says: `the file is damaged${fewer}: ${damage}` }];
}
