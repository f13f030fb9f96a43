import type { MadeKind } from '../../catalog/clips/made-record.ts';
import type { Accuracy } from '../cut/cut-order.ts';
import type { CutRange } from '../cut/cut-ranges.ts';

/** Names of what jobs make of clips: they stand beside the clips, and tell what they were made of. Pure. */

/** `front-1-cut-4000-6000.mp4`: from and to in milliseconds, so that the same range has the same name. */
export function cutName(clip: string, { startUs, durationUs }: CutRange, accuracy: Accuracy): string {
  const ms = (us: number): string => String(Math.round(us / 1000));
  const until = durationUs === undefined ? 'end' : ms(startUs + durationUs);
  return `${clip}-cut-${ms(startUs)}-${until}${accuracy === 'exact' ? '-exact' : ''}.mp4`;
}

/** `hash`: eight hexadecimal digits, of all that was asked for. */
export const timelapseName = (firstClip: string, hash: string): string => `${firstClip}-timelapse-${hash}.mp4`;

export interface MadeName {
  readonly kind: MadeKind;
  /** The clip, or the first of them. */
  readonly clip: string;
  /** Where in the clip it begins. */
  readonly fromMs: number;
}

const CUT = /^(.+)-cut-(\d+)-(?:\d+|end)(?:-exact)?\.mp4$/;
const TIMELAPSE = /^(.+)-timelapse-[0-9a-f]{8}\.mp4$/;

/** Undefined for a name of any other file. */
export function parseMadeName(file: string): MadeName | undefined {
  const [, cutClip, from] = CUT.exec(file) ?? [];
  if (cutClip !== undefined) return { kind: 'cut', clip: cutClip, fromMs: Number(from) };
  const [, firstClip] = TIMELAPSE.exec(file) ?? [];
  return firstClip === undefined ? undefined : { kind: 'timelapse', clip: firstClip, fromMs: 0 };
}

const CLIP_ID = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z-([a-z0-9-]+)-[0-9a-f]{6}(?:-\d+)?$/;

/** What the id of a clip tells that `clip.start` made; undefined for any other. */
export function readClipId(clip: string): { readonly camera: string; readonly startedMs: number } | undefined {
  const [, year, month, day, hour, minute, second, camera] = CLIP_ID.exec(clip) ?? [];
  const startedMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return camera === undefined || Number.isNaN(startedMs) ? undefined : { camera, startedMs };
}
