import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CLIP_NAME } from '../schemas/clip-records.ts';

export const clipDelete = defineCommand({
  name: 'clip.delete',
  summary: 'Remove a clip, file and entry; a protected one is refused. Answers when it is gone.',
  acts: true,
  atOnce: 4,
  timeoutMs: 60_000,
  args: z.strictObject({ clip: CLIP_NAME }),
  result: z.strictObject({ clip: z.string(), bytes: z.int().check(z.gte(0)) }),
  async run({ clip }, { box }) {
    const { bytes } = await box.archive.delete(clip);
    return { ok: true, result: { clip, bytes } };
  },
});
