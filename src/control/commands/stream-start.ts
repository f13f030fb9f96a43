import * as z from 'zod/mini';
import { within } from '../../base/within.ts';
import { defineCommand } from '../command.ts';
import { CAMERA_ID, HOST, INTERFACE, KEY_FILE, PORT } from '../schemas/fields.ts';
import { STREAM_RESULT, streamResult } from '../schemas/stream-result.ts';

/** The description waits for the first frame so long; a camera that is slower tells it later. */
const FIRST_FRAME_MS = 5000;

export const streamStart = defineCommand({
  name: 'stream.start',
  summary:
    'Send a camera as RTP/JPEG to one more receiver. `sdp` is empty if no picture comes at once; `stream.list` tells it later.',
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
    /** Send reports to the port behind `port`, and hear receivers' reports. */
    rtcp: z.optional(z.boolean()),
    /** Local port for receivers' reports; 0 for any. */
    rtcp_port: z.optional(z.int().check(z.gte(0), z.lte(65_535))),
    /** How many routers packets may pass. */
    ttl: z.optional(z.int().check(z.gte(1), z.lte(255))),
    dscp: z.optional(z.int().check(z.gte(0), z.lte(63))),
    interface: z.optional(INTERFACE),
    /** Encrypt with the key in it (SRTP). */
    srtp_key_file: z.optional(KEY_FILE),
  }),
  result: STREAM_RESULT,
  async run({ camera, host, port, rtcp_port: rtcpPort, srtp_key_file: srtpKeyFile, ...options }, { box, clock }) {
    const from = box.camera(camera);
    const stream = await from.startStream({ host, port, ...given({ ...options, rtcpPort, srtpKeyFile }) });
    if (from.state === 'streaming') await within(clock, FIRST_FRAME_MS, stream.begun);
    return { ok: true, result: streamResult(stream) };
  },
});

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what was left out, so that it does not take the place of a default. */
const given = <T extends object>(options: T): Given<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;
