import { msFromUs } from '../../base/units.ts';
import type { MemoryUse } from '../memory/memory-caps.ts';
import type { ClipMemory, ClipResult } from './clip.ts';
import type { ClipFrames } from './clip-frames.ts';
import type { ClipOrder } from './clip-order.ts';
import type { SettledClip } from './settle-clip.ts';

/** What went on beside the file. */
export interface ClipNotes {
  /** What went wrong on our side. */
  readonly problem: string | undefined;
  /** The clip that goes on from here, as far as that is known. */
  readonly continuedBy: string | undefined;
  /** How often it was triggered again. */
  readonly extended: number;
  /** Where its file ends when another goes on from there, which tells the gaps from there on. */
  readonly gapsUntilMs: number | undefined;
  /** What ffmpeg needed. */
  readonly memory: MemoryUse | undefined;
}

/** The times in a file are rounded to its ticks. */
const TICKS_MS = 0.1;

/** What goes out about a clip that is over. */
export function clipResult(
  { camera, request, chosen, row, triggeredAt, triggeredWall }: ClipOrder,
  frames: ClipFrames,
  settled: SettledClip,
  { problem, memory, continuedBy, extended, gapsUntilMs = Number.POSITIVE_INFINITY }: ClipNotes,
): ClipResult {
  const continues = row.previous;
  const firstAt = frames.firstAt ?? triggeredAt;
  const detail = [problem, settled.detail].filter((text) => text !== undefined && text !== '').join('; ');
  return {
    clip: request.id,
    camera,
    ...(request.label === undefined ? {} : { label: request.label }),
    ...(request.class === undefined ? {} : { class: request.class }),
    state: settled.state,
    end: settled.end,
    path: settled.path,
    encoder: chosen.encoder,
    ...(chosen.reason === undefined ? {} : { encoder_reason: chosen.reason }),
    ...(continuedBy === undefined ? {} : { continued_by: continuedBy }),
    ...(continues === undefined ? {} : { continues }),
    ...(extended === 0 ? {} : { extended }),
    frames: settled.frames,
    duration_ms: settled.spanMs ?? frames.spanMs,
    pre_roll_asked_ms: request.preMs,
    pre_roll_got_ms: frames.beforeMs(triggeredAt),
    gaps: frames.finish().filter(({ at_ms }) => at_ms < gapsUntilMs - TICKS_MS),
    bytes: settled.bytes,
    started_at: new Date(triggeredWall + msFromUs(firstAt - triggeredAt)).toISOString(),
    ...(memory === undefined ? {} : { memory: clipMemory(memory) }),
    ...(detail === '' ? {} : { detail }),
  };
}

const clipMemory = ({ by, capBytes, peakBytes, heldBytes, cpuMs }: MemoryUse): ClipMemory => ({
  by,
  cap_bytes: capBytes,
  peak_bytes: peakBytes,
  held_bytes: heldBytes,
  ...(cpuMs === undefined ? {} : { cpu_ms: cpuMs }),
});
