import * as z from 'zod/mini';
import type { ChosenClips } from '../../record/clip/chosen-clips.ts';
import { CAMERA_ID, CLIP_ID } from './fields.ts';

const TIME = z.iso.datetime({ offset: true });

/** Arguments of a command that takes stored clips; its object needs `ONE_WAY_TO_CHOOSE`, too. */
export const CHOSEN_CLIPS = {
  /** These, in this order. */
  clips: z.optional(z.array(CLIP_ID).check(z.minLength(1), z.maxLength(512))),
  /** Or those of a camera, the oldest first, that began in a span of time. */
  camera: z.optional(CAMERA_ID),
  from: z.optional(TIME),
  until: z.optional(TIME),
};

interface Arguments {
  readonly clips?: readonly string[] | undefined;
  readonly camera?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

export const ONE_WAY_TO_CHOOSE = [
  z.refine<Arguments>(
    ({ clips, camera }) => (clips === undefined) !== (camera === undefined),
    'either clips or camera',
  ),
  z.refine<Arguments>(
    ({ clips, from, until }) => clips === undefined || (from ?? until) === undefined,
    'from and until go with camera',
  ),
  z.refine<Arguments>(
    ({ from, until }) => from === undefined || until === undefined || Date.parse(from) < Date.parse(until),
    'until is behind from',
  ),
] as const;

export function chosenClips({ clips, camera = '', from, until }: Arguments): ChosenClips {
  const ms = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));
  return clips ?? { camera, fromMs: ms(from), untilMs: ms(until) };
}
