import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CAMERA_ID, HOST, PORT, STREAM_ID } from '../schemas/fields.ts';
import { findStream, STREAM_RESULT, streamResult } from '../schemas/stream-result.ts';

export const streamRetarget = defineCommand({
  name: 'stream.retarget',
  summary: 'Send a stream elsewhere from the next frame on; SSRC and sequence numbers go on.',
  acts: true,
  atOnce: 8,
  timeoutMs: 15_000,
  args: z.strictObject({ camera: CAMERA_ID, stream: z.optional(STREAM_ID), host: HOST, port: PORT }),
  result: STREAM_RESULT,
  async run({ camera, stream: id, host, port }, { box }) {
    const stream = findStream(box.camera(camera), id, 'retarget');
    await stream.retarget(host, port);
    return { ok: true, result: streamResult(stream) };
  },
});
