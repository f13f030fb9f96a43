import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CAMERA_ID, HOST, PORT, STREAM_ID } from '../schemas/fields.ts';
import { findStream, streamId } from '../schemas/stream-result.ts';

export const streamStop = defineCommand({
  name: 'stream.stop',
  summary: 'Stop sending a camera to a receiver.',
  acts: true,
  atOnce: 8,
  timeoutMs: 15_000,
  args: z
    .strictObject({
      camera: CAMERA_ID,
      /** The stream's id; or host and port; or nothing, when the camera has one stream only. */
      stream: z.optional(STREAM_ID),
      host: z.optional(HOST),
      port: z.optional(PORT),
    })
    .check(
      z.refine(({ stream, host, port }) => (host === undefined) === (port === undefined) && !(stream && host), {
        error: 'give either stream, or host and port',
      }),
    ),
  result: z.strictObject({ stream: z.string(), report: z.record(z.string(), z.unknown()) }),
  async run({ camera, stream: id, host, port }, { box }) {
    const wanted = host === undefined || port === undefined ? id : streamId(host, port);
    const stream = findStream(box.camera(camera), wanted, 'stop');
    await stream.stop();
    return { ok: true, result: { stream: stream.id, report: { ...stream.report() } } };
  },
});
