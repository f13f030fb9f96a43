import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CLIP_NAME, CLIP_RECORD } from '../schemas/clip-records.ts';
import { CLIP_CLASS } from '../schemas/fields.ts';

const TEXT = z.optional(z.string().check(z.maxLength(2000)));

export const clipNote = defineCommand({
  name: 'clip.note',
  summary: 'Write words to a clip, by which it can be found; what is not given stays. Answers when it is on the disk.',
  acts: true,
  atOnce: 8,
  timeoutMs: 60_000,
  args: z.strictObject({
    clip: CLIP_NAME,
    label: z.optional(z.string().check(z.regex(/^[^\p{Cc}]{1,80}$/u))),
    place: TEXT,
    events: TEXT,
    notes: TEXT,
    /** Which rule of age it has from now on: `retention.class_max_age_days`; empty: the common one. */
    class: z.optional(z.union([CLIP_CLASS, z.literal('')])),
  }),
  result: CLIP_RECORD,
  async run({ clip, ...words }, { box }) {
    const given = Object.fromEntries(Object.entries(words).filter(([, text]) => text !== undefined));
    return { ok: true, result: await box.archive.change(clip, given) };
  },
});
