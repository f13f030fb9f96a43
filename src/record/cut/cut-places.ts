import type { ShownPart } from '../media/shown-part.ts';
import type { FittedRange } from './cut-ranges.ts';
import type { InputFacts, VideoFacts } from './input-facts.ts';

/** Where ffmpeg begins and ends a clip. Times count from the first instant of the file, as those of its `-ss`. */
export interface CutPlace {
  readonly seekUs: number;
  /** Undefined: to the end of the file. */
  readonly durationUs: number | undefined;
  /** Begin to read so much earlier. */
  readonly leadUs: number;
  /** There is a key frame right at `seekUs`: nothing is to be hidden. */
  readonly onKeyFrame: boolean;
}

/** Where ticks are so coarse, and pictures do not come in whole ones of them (Matroska's milliseconds), times are rounded. */
const COARSE_US = 100;
const WHOLE = 1e-3;
const FLOAT_ERROR = 1e-6;
/** Containers in which ffmpeg seeks by guessing: it may land on a key frame behind the wanted place. */
const SEEKS_BY_GUESSING = /^(mpegts|mpeg|mpegvideo|h264|hevc|mjpeg|m4v|flv|asf|ogg)$/;
const USUAL_LEAD_US = 10e6;
/** Beyond this: from the beginning of the file. */
const LONGEST_LEAD_US = 300e6;
/** A first picture that is so much later than asked for may not be the first. */
const LATE_FRAMES = 1.5;
/** Every picture is a key frame: none has to be hidden, and ffmpeg 5.1 shows those of MJPEG that are. */
const KEY_FRAMES_ONLY = new Set(['mjpeg']);

/**
 * The place of a range, so that its clip has every picture whose time lies in [start, start + duration), and neighbouring
 * ranges share none. Pictures stand on the ticks of their stream: 10.033 s means the picture at 10.0333.
 */
export function placeOf(
  { startUs, durationUs, toEnd }: FittedRange,
  { startUs: fileUs, video, format }: InputFacts,
): CutPlace {
  const onTick = (us: number): number => snap(video.startUs + us, video) - fileUs;
  const seekUs = Math.max(0, startUs === 0 ? video.startUs - fileUs : onTick(startUs));
  return {
    seekUs,
    durationUs: toEnd ? undefined : onTick(startUs + durationUs) - seekUs,
    leadUs: SEEKS_BY_GUESSING.test(format) ? USUAL_LEAD_US : 0,
    onKeyFrame: false,
  };
}

/** A clip as it came out of a place, and of the one tried before. */
export interface Attempt {
  readonly place: CutPlace;
  /** Undefined: no picture at all. */
  readonly shown: ShownPart | undefined;
  readonly before: ShownPart | undefined;
}

/** Where to make the clip again, better; undefined: it is as it should be. */
export function betterPlace(attempt: Attempt, { video }: InputFacts, isCopy: boolean): CutPlace | undefined {
  const { place, shown, before } = attempt;
  if (place.onKeyFrame) return undefined;
  const lateUs = Math.round((shown?.lateMs ?? 0) * 1000);
  // What is hidden stands before the wanted place: nothing was missed.
  const mayHaveMissed =
    lateUs > LATE_FRAMES * video.frameUs && !(isCopy && shown !== undefined && shown.hiddenFrames > 0);
  const gained = before === undefined || (shown?.lateMs ?? 0) < before.lateMs;
  if ((shown === undefined || mayHaveMissed) && gained) return fromFurtherBack(place);
  const hidesInVain = isCopy && shown !== undefined && shown.hiddenFrames > 0 && KEY_FRAMES_ONLY.has(video.codec);
  return hidesInVain ? fromItsFirstPicture(place, lateUs) : undefined;
}

function fromFurtherBack(place: CutPlace): CutPlace | undefined {
  const { leadUs, seekUs } = place;
  if (leadUs >= seekUs) return undefined; // it was from the beginning
  const next = leadUs === 0 ? USUAL_LEAD_US : leadUs * 6;
  return { ...place, leadUs: next > LONGEST_LEAD_US ? seekUs : next };
}

/** A microsecond behind its first picture, as seeking finds what is not later. */
function fromItsFirstPicture({ seekUs, durationUs }: CutPlace, lateUs: number): CutPlace {
  return {
    seekUs: seekUs + lateUs + 1,
    durationUs: durationUs === undefined ? undefined : durationUs - lateUs - 1,
    leadUs: 0,
    onKeyFrame: true,
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
