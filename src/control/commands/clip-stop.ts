import * as z from 'zod/mini';
import { CamboxError } from '../../base/errors.ts';
import type { RecordingClip, WholeClipResult } from '../../record/clip/clip.ts';
import { WHOLE_CLIP_RESULT } from '../../record/clip/clip-schema.ts';
import type { CameraControl } from '../box.ts';
import { defineCommand } from '../command.ts';
import { CAMERA_ID } from '../schemas/fields.ts';

export const clipStop = defineCommand({
  name: 'clip.stop',
  summary: 'End one clip of a camera, or all of them; answers when the files are in place.',
  acts: true,
  atOnce: 8,
  timeoutMs: 700_000, // longer than any post-roll
  args: z.strictObject({ camera: CAMERA_ID, clip: z.optional(z.string().check(z.maxLength(128))) }),
  result: z.strictObject({ clips: z.array(WHOLE_CLIP_RESULT) }),
  async run({ camera, clip }, { box }) {
    const chosen = choose(box.camera(camera), clip);
    for (const recording of chosen) recording.stop('stopped');
    const wholes = await Promise.all(chosen.map((recording) => recording.whole()));
    return { ok: true, result: { clips: eachOnce(wholes) } };
  },
});

/** A file may still finish while the next one of its clip is recorded. */
const eachOnce = (clips: readonly WholeClipResult[]): WholeClipResult[] => [
  ...new Map(clips.map((whole) => [whole.clip, whole])).values(),
];

function choose(camera: CameraControl, clip: string | undefined): readonly RecordingClip[] {
  const clips = camera.clips();
  const chosen = clip === undefined ? clips : clips.filter((recording) => recording.answersTo(clip));
  if (chosen.length > 0) return chosen;
  const ids = clips.map((recording) => recording.id).join(', ');
  throw new CamboxError(
    'not_found',
    {
      verb: 'stop',
      thing: clip === undefined ? `a clip of camera ${camera.id}` : `clip ${clip}`,
      reason: clips.length === 0 ? `camera ${camera.id} records none` : `camera ${camera.id} records others: ${ids}`,
    },
    clip === undefined ? '/args/camera' : '/args/clip',
  );
}
