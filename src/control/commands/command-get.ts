import * as z from 'zod/mini';
import { CamboxError } from '../../base/errors.ts';
import { defineCommand } from '../command.ts';

export const commandGet = defineCommand({
  name: 'command.get',
  summary: 'The latest response to an earlier command, by its id: also to one from before a restart.',
  acts: false,
  atOnce: 8,
  timeoutMs: 5000,
  args: z.strictObject({ id: z.string().check(z.minLength(1), z.maxLength(64)) }),
  result: z.object({ command: z.string(), response: z.unknown() }),
  async run({ id }, { earlier }) {
    const entry = earlier(id);
    if (entry !== undefined) return { ok: true, result: { command: entry.name, response: entry.response } };
    throw new CamboxError('not_found', {
      verb: 'find',
      thing: 'the command',
      reason: 'none of this id was accepted, or it was too long ago',
      received: id,
    });
  },
});
