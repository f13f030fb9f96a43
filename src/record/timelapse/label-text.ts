/** What is burnt into the pictures. */
export interface LabelWish {
  readonly text: string | undefined;
  /** The local time of each picture. */
  readonly time: boolean;
}

/**
 * The text in the language of ffmpeg's drawtext (ffmpeg-filters, "Text expansion"). `clock`: what it puts in the place of the time,
 * one of those below.
 */
export function labelText({ text, time }: LabelWish, clock: string): string {
  const words = text?.replaceAll(/[\\%]/g, '\\$&').replaceAll(/\p{Cc}/gu, ' ');
  return [...(words === undefined ? [] : [words]), ...(time ? [clock] : [])].join('  ');
}

/** Of a video that begins at `startMs`. `%X` is the time of day without the colons that would end an argument. */
export const videoClock = (startMs: number): string => `%{pts:localtime:${Math.floor(startMs / 1000)}:%Y-%m-%d %X}`;

/** What `pictureList` gives to each picture. */
export const TAKEN_TAG = 'cambox_taken';

/** Of pictures, which have times of their own. */
export const PICTURE_CLOCK = `%{metadata:${TAKEN_TAG}}`;

/** As `videoClock` writes it: `2026-11-20 10:00:00`, local time. */
export function localTime(ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
}
