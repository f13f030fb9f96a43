import * as z from 'zod/mini';
import { TRIGGER_OUTCOMES } from '../../catalog/clips/trigger-record.ts';
import type { TriggerQuery } from '../../catalog/clips/trigger-table.ts';
import { defineCommand } from '../command.ts';
import { CURSOR } from '../schemas/clip-records.ts';
import { CAMERA_ID } from '../schemas/fields.ts';
import { TRIGGER_RECORD } from '../schemas/triggers.ts';

export const triggerList = defineCommand({
  name: 'trigger.list',
  summary:
    'Requests for recordings and what became of them, also those that were refused; newest first, a page at a time.',
  acts: false,
  atOnce: 4,
  timeoutMs: undefined,
  args: z.strictObject({
    camera: z.optional(CAMERA_ID),
    outcome: z.optional(z.enum(TRIGGER_OUTCOMES)),
    cursor: z.optional(CURSOR),
    limit: z._default(z.int().check(z.gte(1), z.lte(100)), 20),
  }),
  result: z.strictObject({ triggers: z.readonly(z.array(TRIGGER_RECORD)), next: z.optional(z.string()) }),
  async run(args, { box }) {
    return { ok: true, result: box.archive.triggers(args as TriggerQuery) }; // absent keys are absent: zod leaves them out
  },
});
