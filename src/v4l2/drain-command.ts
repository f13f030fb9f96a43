import { EINVAL, ENOTTY } from '../native/errno.ts';
import type { V4l2Device } from './device.ts';
import { VIDIOC_DECODER_CMD, VIDIOC_ENCODER_CMD } from './ioctl-numbers.ts';
import { V4L2_DEC_CMD_STOP, V4L2_ENC_CMD_STOP } from './kernel-constants.ts';
import { DECODER_CMD, ENCODER_CMD } from './struct-layouts.ts';

const COMMANDS = [
  [VIDIOC_ENCODER_CMD, ENCODER_CMD, V4L2_ENC_CMD_STOP],
  [VIDIOC_DECODER_CMD, DECODER_CMD, V4L2_DEC_CMD_STOP],
] as const;

/**
 * Tell a codec that nothing more comes in: it puts out what it still has, the last marked as such. False for a device
 * that knows no such command, which is one that makes a picture of each and keeps none back (a scaler, some JPEG
 * encoders).
 */
export async function sendDrainCommand(device: V4l2Device): Promise<boolean> {
  for (const [request, layout, stop] of COMMANDS) {
    const bytes = Buffer.alloc(layout.size);
    bytes.writeUInt32LE(stop, layout.at.cmd);
    if ((await device.call('drain', request, bytes, [ENOTTY, EINVAL])) === 0) return true;
  }
  return false;
}
