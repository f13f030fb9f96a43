/** What is burnt into the pictures. */
export interface LabelWish {
  readonly text: string | undefined;
  /** The local time of each picture. */
  readonly time: boolean;
}

/**
 * The text in the language of ffmpeg's drawtext (ffmpeg-filters, "Text expansion"): the times of pictures count from
 * `startMs`. `%X` is the time of day without the colons that would end an argument.
 */
export function labelText({ text, time }: LabelWish, startMs: number): string {
  const words = text?.replaceAll(/[\\%]/g, '\\$&').replaceAll(/\p{Cc}/gu, ' ');
  const clock = `%{pts:localtime:${Math.floor(startMs / 1000)}:%Y-%m-%d %X}`;
  return [...(words === undefined ? [] : [words]), ...(time ? [clock] : [])].join('  ');
}
