import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CLIP_DETAILS, CLIP_NAME } from '../schemas/clip-records.ts';

export const clipGet = defineCommand({
  name: 'clip.get',
  summary: 'All that the catalogue has of one clip, and who asked for it.',
  acts: false,
  atOnce: 4,
  timeoutMs: undefined,
  args: z.strictObject({ clip: CLIP_NAME }),
  result: CLIP_DETAILS,
  async run({ clip }, { box }) {
    return { ok: true, result: box.archive.get(clip) };
  },
});
