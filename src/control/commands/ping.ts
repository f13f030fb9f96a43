import * as z from 'zod/mini';
import { msFromUs } from '../../base/units.ts';
import { defineCommand } from '../command.ts';

export const ping = defineCommand({
  name: 'ping',
  summary: 'Answer at once: the way there and back works.',
  acts: false,
  atOnce: 8,
  timeoutMs: undefined,
  args: z.strictObject({}),
  result: z.strictObject({ box: z.string(), version: z.string(), mono_ms: z.number() }),
  async run(_args, { box, clock }) {
    const result = { box: box.id, version: box.version, mono_ms: Math.floor(msFromUs(clock.now())) };
    return { ok: true, result };
  },
});
