import { type MonoUs, msFromUs, type WallMs } from '../base/units.ts';
import type { ClipRequest, ClipResult } from './clip.ts';
import type { ClipFrames } from './clip-frames.ts';
import type { SettledClip } from './settle-clip.ts';

/** What was known of a clip when it was triggered. */
export interface ClipOrder {
  readonly camera: string;
  readonly request: ClipRequest;
  readonly triggeredAt: MonoUs;
  /** The wall clock at the trigger. */
  readonly triggeredWall: WallMs;
}

/** What goes out about a clip that is over. `problem` is what went wrong on our side. */
export function clipResult(
  { camera, request, triggeredAt, triggeredWall }: ClipOrder,
  frames: ClipFrames,
  settled: SettledClip,
  problem: string | undefined,
): ClipResult {
  const firstAt = frames.firstAt ?? triggeredAt;
  const detail = [problem, settled.detail].filter((text) => text !== undefined && text !== '').join('; ');
  return {
    clip: request.id,
    camera,
    ...(request.label === undefined ? {} : { label: request.label }),
    state: settled.state,
    end: settled.end,
    path: settled.path,
    encoder: request.encoder,
    frames: settled.frames,
    duration_ms: settled.spanMs ?? frames.spanMs,
    pre_roll_asked_ms: request.preMs,
    pre_roll_got_ms: frames.beforeMs(triggeredAt),
    gaps: frames.finish(),
    bytes: settled.bytes,
    started_at: new Date(triggeredWall + msFromUs(firstAt - triggeredAt)).toISOString(),
    ...(detail === '' ? {} : { detail }),
  };
}
