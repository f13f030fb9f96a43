import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CLIP_FILTER, CLIP_PAGE, clipQuery } from '../schemas/clip-records.ts';

export const clipList = defineCommand({
  name: 'clip.list',
  summary: 'The clips of the catalogue, newest first, a page at a time.',
  acts: false,
  atOnce: 4,
  timeoutMs: undefined,
  args: z.strictObject(CLIP_FILTER),
  result: CLIP_PAGE,
  async run(args, { box }) {
    return { ok: true, result: await box.archive.find(clipQuery(args)) };
  },
});
