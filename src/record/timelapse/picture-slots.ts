import { CamboxError } from '../../base/errors.ts';
import { localTime, TAKEN_TAG } from './label-text.ts';

/** A picture and when it was taken. */
export interface TimedPicture {
  readonly path: string;
  readonly takenMs: number;
}

/** How fast a timelapse is: as the pictures come, so long in all, or so much faster than it was. */
export type Pace = 'each' | { readonly durationS: number } | { readonly speed: number };

/** Nine hours at 30 a second: nobody watches that. */
export const MOST_SLOTS = 1_000_000;

/**
 * Which picture each frame of the video shows. `pictures` are in their order, one at least; with a speed it is the last one
 * taken by then, with a duration they are spread evenly. Throws `bad_argument` when there would be more than `MOST_SLOTS`.
 */
export function pictureSlots(pictures: readonly TimedPicture[], pace: Pace, fps: number): TimedPicture[] {
  if (pace === 'each') return [...pictures];
  if ('speed' in pace) return bySpeed(pictures, (pace.speed * 1000) / fps);
  const count = bounded(Math.max(1, Math.round(pace.durationS * fps)));
  return Array.from({ length: count }, (_, i) => pictures[Math.floor((i * pictures.length) / count)]!);
}

/** A clock that went back does not make time go back: such pictures wait for their turn. */
function bySpeed(pictures: readonly TimedPicture[], stepMs: number): TimedPicture[] {
  const startMs = pictures[0]!.takenMs;
  const endMs = Math.max(startMs, pictures.at(-1)!.takenMs);
  const count = bounded(Math.floor((endMs - startMs) / stepMs) + 1);
  let shown = 0;
  return Array.from({ length: count }, (_, slot) => {
    while (shown + 1 < pictures.length && pictures[shown + 1]!.takenMs <= startMs + slot * stepMs) shown += 1;
    return pictures[shown]!;
  });
}

function bounded(slots: number): number {
  if (slots <= MOST_SLOTS) return slots;
  throw new CamboxError('bad_argument', {
    verb: 'make',
    thing: 'the timelapse',
    reason: `it would have ${slots} frames, ${MOST_SLOTS} are the most`,
    remedy: 'Make it faster, or shorter',
  });
}

/**
 * The list for ffmpeg's concat demuxer (ffmpeg-formats, "concat"): the pictures of the slots. `withTimes`: each says when it was taken, in
 * `TAKEN_TAG`. A `%` in a name is no pattern.
 */
export function pictureList(slots: readonly TimedPicture[], withTimes: boolean): string {
  const lines = slots.map(({ path, takenMs }) => {
    const literally = path.includes('%') ? '\noption pattern_type none' : '';
    const taken = withTimes ? `\nfile_packet_meta ${TAKEN_TAG} ${quoted(localTime(takenMs))}` : '';
    return `file ${quoted(path)}${literally}${taken}`;
  });
  return `ffconcat version 1.0\n${lines.join('\n')}\n`;
}

/** The list of videos to join. */
export const videoList = (paths: readonly string[]): string =>
  `ffconcat version 1.0\n${paths.map((path) => `file ${quoted(path)}\n`).join('')}`;

/** ffmpeg-utils(1), quoting and escaping: nothing is special between quotes but the quote itself. */
const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;
