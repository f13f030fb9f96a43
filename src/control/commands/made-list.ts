import * as z from 'zod/mini';
import { MADE_KINDS } from '../../catalog/clips/made-record.ts';
import type { MadeQuery } from '../../catalog/clips/made-table.ts';
import { defineCommand } from '../command.ts';
import { CURSOR } from '../schemas/clip-records.ts';
import { CAMERA_ID } from '../schemas/fields.ts';

export const madeList = defineCommand({
  name: 'made.list',
  summary: 'Cuts and timelapses that were made of clips, newest first, a page at a time; clip.delete removes one.',
  acts: false,
  atOnce: 4,
  timeoutMs: undefined,
  args: z.strictObject({
    camera: z.optional(CAMERA_ID),
    kind: z.optional(z.enum(MADE_KINDS)),
    cursor: z.optional(CURSOR),
    limit: z._default(z.int().check(z.gte(1), z.lte(100)), 20),
  }),
  result: z.strictObject({
    made: z.readonly(
      z.array(
        z.strictObject({
          file: z.string(),
          kind: z.enum(MADE_KINDS),
          bytes: z.int().check(z.gte(0)),
          clip: z.string(),
          camera: z.string(),
          made_at: z.string(),
          clock_synced: z.nullable(z.boolean()),
          started_at: z.string(),
          duration_ms: z.number().check(z.gte(0)),
          job: z.optional(z.string()),
        }),
      ),
    ),
    next: z.optional(z.string()),
  }),
  async run(args, { box }) {
    return { ok: true, result: box.archive.made(args as MadeQuery) }; // absent keys are absent: zod leaves them out
  },
});
