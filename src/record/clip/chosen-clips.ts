/** Ids of stored clips, in the order wanted; or those of a camera whose first frame lies in a span, the oldest first. */
export type ChosenClips =
  | readonly string[]
  | {
      readonly camera: string;
      /** Wall clock; undefined is without end. */
      readonly fromMs: number | undefined;
      readonly untilMs: number | undefined;
    };
