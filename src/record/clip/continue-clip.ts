import { type MonoUs, monoPlus, msFromUs, usFromMs } from '../../base/units.ts';
import type { ClipRequest, ClipResult } from './clip.ts';
import type { ClipOrder } from './clip-order.ts';

/** What is known of a clip that broke off. */
export interface BrokenClip {
  readonly parts: Pick<ClipOrder, 'request' | 'before'>;
  /** Capture time of its first frame; undefined when it had none. */
  readonly firstAt: MonoUs | undefined;
  /** From when to when it was to reach. */
  readonly startsAt: MonoUs;
  readonly endsAt: MonoUs;
}

/** The rest of a clip, to be recorded as a clip of its own. */
export interface ClipRest extends Pick<ClipOrder, 'request' | 'before' | 'triggeredAt'> {
  readonly startsAt: MonoUs;
  /** It may last so long at the most. */
  readonly mostMs: number;
}

/** Frames are at least so far apart; the times in a file are rounded to ticks. */
const NEXT_FRAME_US = 100;
/** Ids have 100 characters at the most; this leaves room for the part's number. */
const BASE_ID_LENGTH = 97;

/**
 * What is left to record when a clip broke off `now`: from behind the last frame in its file on, as far back as the
 * pre-roll ring still reaches. Undefined when nothing is left. Pure.
 */
export function continueClip(
  { parts, firstAt, startsAt, endsAt }: BrokenClip,
  broken: ClipResult,
  now: MonoUs,
): ClipRest | undefined {
  const { request } = parts;
  const before = [...parts.before, { clip: broken.clip, encoder: broken.encoder }];
  const hasFrames = broken.frames > 0 && firstAt !== undefined;
  const from = hasFrames ? monoPlus(firstAt, usFromMs(broken.duration_ms) + NEXT_FRAME_US) : startsAt;
  if (from >= endsAt) return undefined;
  const mostMs = Math.max(0, msFromUs(endsAt - now)); // 0: what the ring holds is all there is
  return {
    request: {
      ...request,
      id: partId(before[0]?.clip ?? request.id, before.length + 1),
      preMs: Math.max(0, msFromUs(now - from)),
      durationMs: request.durationMs === undefined ? undefined : mostMs,
    },
    before,
    triggeredAt: now,
    startsAt: from,
    mostMs,
  };
}

const partId = (first: ClipRequest['id'], part: number): string => `${first.slice(0, BASE_ID_LENGTH)}-${part}`;
