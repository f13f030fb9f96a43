import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CAMERA_ID } from '../schemas/fields.ts';
import { STREAM_RESULT, streamResult } from '../schemas/stream-result.ts';

export const streamList = defineCommand({
  name: 'stream.list',
  summary: 'Where a camera is sent, and how to receive each stream; `sdp` is empty before its first picture.',
  acts: false,
  atOnce: 8,
  timeoutMs: 5000,
  args: z.strictObject({ camera: CAMERA_ID }),
  result: z.strictObject({ streams: z.array(STREAM_RESULT) }),
  async run({ camera }, { box }) {
    return { ok: true, result: { streams: box.camera(camera).streams().map(streamResult) } };
  },
});
