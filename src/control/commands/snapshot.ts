import * as z from 'zod/mini';
import { walkJpeg } from '../../jpeg/walk.ts';
import { defineCommand } from '../command.ts';
import { CAMERA_ID } from '../schemas/fields.ts';

export const snapshot = defineCommand({
  name: 'snapshot',
  summary: 'The freshest picture of a camera as JPEG; its Exif tells camera, box and time to the millisecond.',
  acts: false,
  atOnce: 4,
  timeoutMs: 10_000,
  args: z.strictObject({ camera: CAMERA_ID }),
  result: z.strictObject({ bytes: z.int(), width: z.optional(z.int()), height: z.optional(z.int()) }),
  async run({ camera }, { box, signal, deliverJpeg }) {
    const jpeg = await box.camera(camera).snapshot(signal);
    const layout = walkJpeg(jpeg);
    const size = typeof layout === 'string' ? {} : { width: layout.width, height: layout.height };
    deliverJpeg(camera, jpeg);
    return { ok: true, result: { bytes: jpeg.length, ...size } };
  },
});
