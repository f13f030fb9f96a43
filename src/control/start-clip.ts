import { asCamboxError } from '../base/errors.ts';
import type { TriggerRecord } from '../catalog/clips/trigger-record.ts';
import type { ClipRequest, RecordingClip } from '../record/clip/clip.ts';
import type { CommandContext } from './command.ts';

/** Reasons have values of requests in them. */
const MOST_REASON = 300;

/**
 * Start a clip for a command, or make one longer, and write down who asked for it and what became of that. Throws as
 * `CameraControl.startClip`, and `not_found` for the camera.
 */
export async function startClip(camera: string, request: ClipRequest, context: CommandContext): Promise<RecordingClip> {
  const { box, clock, id, by, door } = context;
  const { label, class: ofClass, preMs, durationMs } = request;
  const asked = {
    at: new Date(clock.wall()).toISOString(),
    ...{ camera, request: id, door, pre_asked_ms: preMs },
    ...(by !== undefined && { by }),
    ...(label !== undefined && { label }),
    ...(ofClass !== undefined && { class: ofClass }),
    ...(durationMs !== undefined && { duration_asked_ms: durationMs }),
  };
  const note = (outcome: Pick<TriggerRecord, 'outcome' | 'clip' | 'code' | 'reason'>): void =>
    box.archive.noteTrigger({ ...asked, ...outcome });
  try {
    const clip = await box.camera(camera).startClip(request);
    note({ outcome: clip.id === request.id ? 'started' : 'extended', clip: clip.id });
    return clip;
  } catch (thrown) {
    const { code, message } = asCamboxError(thrown, 'start', `clip ${request.id}`);
    note({ outcome: 'refused', code, reason: message.slice(0, MOST_REASON) });
    throw thrown;
  }
}
