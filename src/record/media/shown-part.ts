import type { Edit, Movie, MovieTrack, Place } from './mp4-movie.ts';

/** What players show of the video in an MP4, and what it carries beside that. */
export interface ShownPart {
  /** Pictures that are shown. */
  readonly frames: number;
  /** From the first of them to the end of the last. */
  readonly durationMs: number;
  /** From one of them to the next, at most; 0 with fewer than two. */
  readonly longestGapMs: number;
  /** What stands before them, is needed to decode them, and is not shown. */
  readonly hiddenFrames: number;
  readonly hiddenMs: number;
  /** So long after the beginning the first one is shown. */
  readonly lateMs: number;
}

/** Undefined when there is no video in it. */
export function shownPart(movie: Movie): ShownPart | undefined {
  const track = movie.tracks.find(({ kind }) => kind === 'video');
  if (track === undefined || track.times.length === 0) return undefined;
  const { emptyTicks, from, until } = window(track, movie);
  const shown = track.times.filter((time) => time >= from && time < until);
  const hidden = track.times.filter((time) => time < from);
  const [first, last] = [least(shown), most(shown)];
  const inMs = (ticks: number): number => round((ticks * 1000) / track.timescale);
  return {
    frames: shown.length,
    durationMs: shown.length === 0 ? 0 : inMs(Math.min(last + track.lastTicks, until) - first),
    longestGapMs: inMs(longestGap(shown)),
    hiddenFrames: hidden.length,
    hiddenMs: hidden.length === 0 ? 0 : inMs(from - least(hidden)),
    lateMs: shown.length === 0 ? 0 : round((emptyTicks * 1000) / movie.timescale) + inMs(first - from),
  };
}

export interface Patch extends Place {
  readonly value: number;
}

/**
 * The numbers to overwrite so that nothing is shown from `ms` on. ffmpeg copies in the order of decoding: where pictures
 * refer to later ones, some that belong behind the end come with those before it.
 */
export function endAt(movie: Movie, ms: number): Patch[] {
  const end = Math.floor((ms * movie.timescale) / 1000);
  const patches = movie.tracks.flatMap(({ edits, duration }) => {
    const [before, shown] = [edits.slice(0, -1), edits.at(-1)];
    const beforeTicks = before.reduce((sum, { ticks }) => sum + ticks, 0);
    if (shown === undefined || beforeTicks + shown.ticks <= end) return [];
    const left = Math.max(0, end - beforeTicks);
    return [
      { ...shown.duration, value: left },
      { ...duration, value: beforeTicks + left },
    ];
  });
  return patches.length === 0 ? [] : [...patches, { ...movie.duration, value: end }];
}

/** The stretch of the track that is shown, and for how long nothing is shown before it. */
function window({ edits, timescale }: MovieTrack, movie: Movie) {
  const isEmpty = ({ mediaTicks }: Edit): boolean => mediaTicks < 0;
  const emptyTicks = edits.filter(isEmpty).reduce((sum, { ticks }) => sum + ticks, 0);
  const shown = edits.find((edit) => !isEmpty(edit));
  if (shown === undefined) return { emptyTicks, from: 0, until: Number.POSITIVE_INFINITY };
  const from = shown.mediaTicks;
  return { emptyTicks, from, until: from + (shown.ticks * timescale) / movie.timescale };
}

// Not Math.min(...times): hours of video are more than a call takes arguments.
const least = (times: readonly number[]): number => times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const most = (times: readonly number[]): number => times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

/** They stand in the order of decoding. */
const longestGap = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b).reduce((most, time, i, sorted) => Math.max(most, time - (sorted[i - 1] ?? time)), 0);

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
