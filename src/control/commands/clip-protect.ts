import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CLIP_NAME, CLIP_RECORD } from '../schemas/clip-records.ts';

export const clipProtect = defineCommand({
  name: 'clip.protect',
  summary: 'Keep a clip whatever room is needed, or no longer; answers when that is on the disk.',
  acts: true,
  atOnce: 8,
  timeoutMs: 60_000,
  args: z.strictObject({ clip: CLIP_NAME, protected: z._default(z.boolean(), true) }),
  result: CLIP_RECORD,
  async run({ clip, protected: isProtected }, { box }) {
    return { ok: true, result: await box.archive.change(clip, { protected: isProtected }) };
  },
});
