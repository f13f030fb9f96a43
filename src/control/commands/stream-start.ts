import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { CAMERA_ID, HOST, INTERFACE, KEY_FILE, PORT } from '../schemas/fields.ts';
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
    /** How many routers packets may pass. */
    ttl: z.optional(z.int().check(z.gte(1), z.lte(255))),
    dscp: z.optional(z.int().check(z.gte(0), z.lte(63))),
    interface: z.optional(INTERFACE),
    /** Encrypt with the key in it (SRTP). */
    srtp_key_file: z.optional(KEY_FILE),
  }),
  result: STREAM_RESULT,
  async run({ camera, host, port, srtp_key_file: srtpKeyFile, ...options }, { box }) {
    const stream = await box.camera(camera).startStream({ host, port, ...given({ ...options, srtpKeyFile }) });
    return { ok: true, result: streamResult(stream) };
  },
});

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what was left out, so that it does not take the place of a default. */
const given = <T extends object>(options: T): Given<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;
