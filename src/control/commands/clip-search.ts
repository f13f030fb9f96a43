import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CLIP_FILTER, CLIP_PAGE, clipQuery } from '../schemas/clip-records.ts';

export const clipSearch = defineCommand({
  name: 'clip.search',
  summary: 'Clips by words of camera, label, place, events and notes, newest first; docs/catalogue.md tells how.',
  acts: false,
  atOnce: 4,
  timeoutMs: undefined,
  args: z.strictObject({
    words: z.string().check(z.minLength(1), z.maxLength(500)),
    ...CLIP_FILTER,
    limit: z._default(z.int().check(z.gte(1), z.lte(100)), 10),
  }),
  result: CLIP_PAGE,
  async run(args, { box }) {
    return { ok: true, result: await box.archive.find(clipQuery(args)) };
  },
});
