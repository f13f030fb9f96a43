import * as z from 'zod/mini';
import { ENCODER_NAMES } from '../../base/encoder-names.ts';
import { type MonoUs, msFromUs } from '../../base/units.ts';
import { CLIP_WORDS, type ClipWords, clipWordsOf } from '../../catalog/clips/clip-record.ts';
import type { ClipResult } from './clip.ts';
import type { ClipOrder } from './clip-order.ts';
import { CLIP_RESULT } from './clip-schema.ts';
import { joinedGaps } from './joined-gaps.ts';

/**
 * What a clip's file says of itself, as JSON in tags that every player shows: in `comment` what was known when it began,
 * there from the first byte on, so that also a torn file tells whose it is; in `description` what it became, written when
 * it is over. A catalogue that was lost is made anew from these.
 */

/** The box that records. */
export interface ClipOrigin {
  readonly box: string;
  /** /proc/sys/kernel/random/boot_id: which boot the monotonic times belong to. */
  readonly bootId: string;
  /** Whether the wall clock has been set since the boot; undefined when nobody tells. */
  clockSynced(): boolean | undefined;
}

/** Which version of this a file carries. */
const VERSION = 1;

const MILLISECONDS = z.number().check(z.gte(0));

const BEGINNING = z.object({
  cambox_clip: z.literal(VERSION),
  clip: z.string(),
  camera: z.string(),
  label: z.optional(z.string()),
  class: z.optional(z.string()),
  box: z.string(),
  boot_id: z.string(),
  /** null: nobody tells. */
  clock_synced: z.nullable(z.boolean()),
  /** The wall clock at the first frame (as far as it was known at the beginning) and at the trigger, ISO 8601. */
  started_at: z.string(),
  triggered_at: z.string(),
  /** The trigger on the monotonic clock of that boot. */
  triggered_mono_us: z.number(),
  pre_roll_asked_ms: MILLISECONDS,
  /** null: until stopped. */
  duration_asked_ms: z.nullable(MILLISECONDS),
  encoder: z.enum(ENCODER_NAMES),
  /** The clip that this one goes on from. */
  continues: z.optional(z.string()),
});

/** What people wrote to a clip after it was over. */
const WORDS = z.object({
  label: z.optional(z.string()),
  place: z.optional(z.string()),
  events: z.optional(z.string()),
  notes: z.optional(z.string()),
  class: z.optional(z.string()),
});

/** The file itself tells where it is and how long. What a newer cambox adds is passed over. */
const OUTCOME = z.object({ ...z.omit(CLIP_RESULT, { path: true, bytes: true }).shape, words: z.optional(WORDS) });

/** What was known when a clip began. */
export type ClipBeginning = z.output<typeof BEGINNING>;
/** What became of it, as its result told. */
export type ClipOutcomeNote = Readonly<z.output<typeof OUTCOME>>;

export interface ClipMetadata {
  readonly beginning: ClipBeginning;
  /** Undefined: the clip was never finished, or its end got lost. */
  readonly outcome: ClipOutcomeNote | undefined;
}

export function clipBeginning(order: ClipOrder, firstAt: MonoUs | undefined, origin: ClipOrigin): ClipBeginning {
  const { request, triggeredAt, triggeredWall } = order;
  const continues = order.row.previous;
  const startedWall = triggeredWall + msFromUs((firstAt ?? triggeredAt) - triggeredAt);
  return {
    cambox_clip: VERSION,
    clip: request.id,
    camera: order.camera,
    ...(request.label !== undefined && { label: request.label }),
    ...(request.class !== undefined && { class: request.class }),
    box: origin.box,
    boot_id: origin.bootId,
    clock_synced: origin.clockSynced() ?? null,
    started_at: new Date(startedWall).toISOString(),
    triggered_at: new Date(triggeredWall).toISOString(),
    triggered_mono_us: triggeredAt,
    pre_roll_asked_ms: request.preMs,
    duration_asked_ms: request.durationMs ?? null,
    encoder: order.chosen.encoder,
    ...(continues !== undefined && { continues }),
  };
}

/** Room for the outcome, made when the file begins: nothing in it can be moved later. */
export const OUTCOME_BYTES = 4096;
const MOST_DETAIL = 500;

/** Of that room for what people write, so that the rest fits in any case. */
const MOST_WORDS_PART = 0.5;

/**
 * The outcome as text of exactly `bytes` bytes, filled up with zeros, at which readers of tags stop. Gaps that do not fit
 * go into the last one that does, and long words are cut; undefined when even so there is not enough room.
 */
export function outcomeText(result: ClipResult | ClipOutcomeNote, bytes = OUTCOME_BYTES): Uint8Array | undefined {
  const { path: _path, bytes: _bytes, words, detail, ...note } = { path: null, bytes: 0, words: undefined, ...result };
  const short = {
    ...note,
    ...(detail !== undefined && { detail: detail.slice(0, MOST_DETAIL) }),
    ...(words !== undefined && { words: cutWords(clipWordsOf(words), bytes * MOST_WORDS_PART) }),
  };
  const padded = Buffer.alloc(bytes);
  for (let gaps = short.gaps.length; ; gaps = Math.floor(gaps / 2)) {
    const text = Buffer.from(JSON.stringify({ ...short, gaps: joinedGaps(short.gaps, gaps) }));
    if (text.length <= bytes) {
      text.copy(padded);
      return padded;
    }
    if (gaps === 0) return undefined;
  }
}

/** The longest of them are cut until all together take at most so many bytes. */
function cutWords(words: ClipWords, most: number): ClipWords {
  const cut: { -readonly [Name in keyof ClipWords]: ClipWords[Name] } = { ...words };
  while (Buffer.byteLength(JSON.stringify(cut)) > most) {
    const longest = CLIP_WORDS.reduce((a, b) => ((cut[b] ?? '').length > (cut[a] ?? '').length ? b : a));
    const characters = [...(cut[longest] ?? '')];
    if (characters.length <= 1) return {};
    cut[longest] = `${characters.slice(0, Math.floor(characters.length * 0.75) - 1).join('')}…`;
  }
  return cut;
}

/** Somebody's text: undefined when it is not what we write. Never throws. */
export function parseBeginning(text: string): ClipBeginning | undefined {
  return z.safeParse(BEGINNING, jsonOf(text)).data;
}

export function parseOutcome(text: string): ClipOutcomeNote | undefined {
  return z.safeParse(OUTCOME, jsonOf(text)).data;
}

/** Up to the zeros that fill it up. */
function jsonOf(text: string): unknown {
  const end = text.indexOf('\0');
  try {
    return JSON.parse(end === -1 ? text : text.slice(0, end));
  } catch {
    return undefined;
  }
}
