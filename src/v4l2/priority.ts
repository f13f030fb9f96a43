import type { V4l2Device } from './device.ts';
import { VIDIOC_G_PRIORITY, VIDIOC_S_PRIORITY } from './ioctl-numbers.ts';
import { V4L2_PRIORITY_BACKGROUND, V4L2_PRIORITY_INTERACTIVE, V4L2_PRIORITY_RECORD } from './kernel-constants.ts';

const CODES = {
  background: V4L2_PRIORITY_BACKGROUND,
  interactive: V4L2_PRIORITY_INTERACTIVE,
  record: V4L2_PRIORITY_RECORD,
} as const;

/**
 * How much this handle of the device has to say. While another one has `record`, all that changes the device is refused
 * with EBUSY to those with less; every handle starts as `interactive`.
 * (Documentation/userspace-api/media/v4l/app-pri.rst)
 */
export type Priority = keyof typeof CODES;

/** The highest priority that any handle of the device has now; undefined where there is none (a codec). */
export async function getPriority(device: V4l2Device): Promise<Priority | undefined> {
  const bytes = Buffer.alloc(4);
  await device.call('ask the priority of', VIDIOC_G_PRIORITY, bytes);
  const code = bytes.readUInt32LE();
  return (Object.keys(CODES) as Priority[]).find((name) => CODES[name] === code);
}

/** Set the priority of this handle; closing the device ends it. Throws `device_busy` when another has `record`. */
export async function setPriority(device: V4l2Device, priority: Priority): Promise<void> {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(CODES[priority]);
  await device.call('set the priority of', VIDIOC_S_PRIORITY, bytes);
}
