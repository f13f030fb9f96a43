import type { CutOutput } from '../ffmpeg/cut-arguments.ts';
import type { ShownPart } from '../media/shown-part.ts';
import type { FittedRange } from './cut-ranges.ts';
import type { InputFacts, VideoFacts } from './input-facts.ts';

/** Where ticks are so coarse, and pictures do not come in whole ones of them (Matroska's milliseconds), times are rounded. */
const COARSE_US = 100;
const WHOLE = 1e-3;
const FLOAT_ERROR = 1e-6;
/** Containers in which ffmpeg seeks by guessing: it may land on a key frame behind the wanted place. */
const SEEKS_BY_GUESSING = /^(mpegts|mpeg|mpegvideo|h264|hevc|mjpeg|m4v|flv|asf|ogg)$/;
const USUAL_LEAD_US = 10e6;
/** From here on: from the beginning of the file. */
const LONGEST_LEAD_US = 300e6;
/** A first picture that is so much later than asked for was there before, and was missed by the seek. */
const LATE_FRAMES = 1.5;

/**
 * Where ffmpeg has to begin and end, so that a clip has every picture whose time lies in [start, start + duration), and
 * neighbouring ranges share none: `-ss` counts from the file's first instant, and pictures stand on the ticks of their
 * stream, so that 10.033 s means the picture at 10.0333.
 */
export function placeOf(
  { startUs, durationUs, toEnd }: FittedRange,
  facts: InputFacts,
): Pick<CutOutput, 'seekUs' | 'durationUs'> {
  const onTick = (us: number): number => snap(facts.video.startUs + us, facts.video) - facts.startUs;
  const seekUs = startUs === 0 ? facts.video.startUs - facts.startUs : onTick(startUs);
  return {
    seekUs: Math.max(0, seekUs),
    durationUs: toEnd ? undefined : onTick(startUs + durationUs) - seekUs,
  };
}

/** The tick that is meant, in microseconds of which ffmpeg makes this tick again; a tick earlier where times are rounded. */
function snap(us: number, { tickUs, frameUs }: VideoFacts): number {
  const tick = Math.round(us / tickUs) - (isRounded(tickUs, frameUs) ? 1 : 0);
  const above = Math.ceil(tick * tickUs - FLOAT_ERROR);
  return Math.round(above / tickUs) === tick ? above : above - 1;
}

function isRounded(tickUs: number, frameUs: number): boolean {
  const ticks = frameUs / tickUs;
  return tickUs >= COARSE_US && Math.abs(ticks - Math.round(ticks)) > WHOLE;
}

/** Every picture is a key frame: none has to be hidden, and ffmpeg 5.1 shows those of MJPEG that are. */
const KEY_FRAMES_ONLY = new Set(['mjpeg']);

/** How far behind the wanted place the first picture stands, where something was hidden for nothing. */
export function lateKeyFrame(shown: ShownPart | undefined, { video }: InputFacts): number | undefined {
  const isVain = shown !== undefined && shown.hiddenFrames > 0 && KEY_FRAMES_ONLY.has(video.codec);
  return isVain ? Math.round(shown.lateMs * 1000) : undefined;
}

/** The same range, from its first picture on: a microsecond behind it, as seeking finds what is not later. */
export function laterPlace(range: FittedRange, facts: InputFacts, lateUs: number) {
  const { seekUs, durationUs } = placeOf(range, facts);
  return {
    seekUs: seekUs + lateUs + 1,
    durationUs: durationUs === undefined ? undefined : durationUs - lateUs - 1,
    leadUs: 0,
    onKeyFrame: true,
  };
}

/** How much earlier to begin at the first try. */
export const firstLeadUs = (format: string): number => (SEEKS_BY_GUESSING.test(format) ? USUAL_LEAD_US : 0);

/** How much earlier at the next one; undefined: it has begun at the beginning. */
export function nextLeadUs(leadUs: number, seekUs: number): number | undefined {
  if (leadUs >= seekUs) return undefined;
  const next = leadUs === 0 ? USUAL_LEAD_US : leadUs * 6;
  return next > LONGEST_LEAD_US ? seekUs : Math.min(next, seekUs);
}

/** Whether a clip that begins so late may have lost its first pictures. */
export const mayHaveMissed = (lateMs: number, facts: InputFacts): boolean =>
  lateMs * 1000 > LATE_FRAMES * facts.video.frameUs;
