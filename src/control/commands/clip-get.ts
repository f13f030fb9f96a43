import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CLIP_NAME, CLIP_RECORD } from '../schemas/clip-records.ts';

export const clipGet = defineCommand({
  name: 'clip.get',
  summary: 'All that the catalogue has of one clip.',
  acts: false,
  atOnce: 4,
  timeoutMs: undefined,
  args: z.strictObject({ clip: CLIP_NAME }),
  result: CLIP_RECORD,
  async run({ clip }, { box }) {
    return { ok: true, result: box.archive.get(clip) };
  },
});
