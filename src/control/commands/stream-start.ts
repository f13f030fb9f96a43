import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CAMERA_ID, HOST, PORT } from '../schemas/fields.ts';
import { STREAM_RESULT, streamResult } from '../schemas/stream-result.ts';

export const streamStart = defineCommand({
  name: 'stream.start',
  summary: 'Send a camera as RTP/JPEG to one more receiver.',
  acts: true,
  atOnce: 8,
  timeoutMs: 15_000,
  args: z.strictObject({
    camera: CAMERA_ID,
    host: HOST,
    port: PORT,
    /** Largest IP packet in bytes, headers included. */
    mtu: z.optional(z.int().check(z.gte(256), z.lte(65_535))),
    ssrc: z.optional(z.int().check(z.gte(0), z.lte(0xffff_ffff))),
    transport: z.optional(z.enum(['auto', 'gso', 'dgram'])),
    /** Part of the frame interval over which a frame's packets are spread. */
    pacing: z.optional(z.number().check(z.gte(0), z.lte(1))),
  }),
  result: STREAM_RESULT,
  async run({ camera, host, port, mtu, ssrc, transport, pacing }, { box }) {
    const stream = await box.camera(camera).startStream({
      host,
      port,
      ...(mtu === undefined ? {} : { mtu }),
      ...(ssrc === undefined ? {} : { ssrc }),
      ...(transport === undefined ? {} : { transport }),
      ...(pacing === undefined ? {} : { pacing }),
    });
    return { ok: true, result: streamResult(stream) };
  },
});
