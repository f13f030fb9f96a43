import { EINVAL, ENODATA, ENOTTY } from '../native/errno.ts';
import { type BufferType, bufferTypeCode } from './buffer-type.ts';
import type { V4l2Device } from './device.ts';
import { VIDIOC_G_SELECTION, VIDIOC_S_SELECTION } from './ioctl-numbers.ts';
import {
  V4L2_SEL_TGT_COMPOSE,
  V4L2_SEL_TGT_CROP,
  V4L2_SEL_TGT_CROP_BOUNDS,
  V4L2_SEL_TGT_CROP_DEFAULT,
  V4L2_SEL_TGT_NATIVE_SIZE,
} from './kernel-constants.ts';
import { SELECTION } from './struct-layouts.ts';

const TARGETS = {
  crop: V4L2_SEL_TGT_CROP,
  crop_default: V4L2_SEL_TGT_CROP_DEFAULT,
  crop_bounds: V4L2_SEL_TGT_CROP_BOUNDS,
  native_size: V4L2_SEL_TGT_NATIVE_SIZE,
  compose: V4L2_SEL_TGT_COMPOSE,
} as const;

/**
 * A rectangle that a device knows: `crop` is the part of the sensor (or, of a codec's output queue, of the picture put
 * in) that is used, within `crop_bounds`; `native_size` is the whole sensor; `compose` is where in the picture it goes.
 * (Documentation/userspace-api/media/v4l/selection-api.rst)
 */
export type SelectionTarget = keyof typeof TARGETS;

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How drivers say that a device, or its input in use, has no such rectangle. */
const ABSENT = [EINVAL, ENODATA, ENOTTY];

/** Undefined where the device does not have it. */
export async function getSelection(
  device: V4l2Device,
  type: BufferType,
  target: SelectionTarget,
): Promise<Rectangle | undefined> {
  const bytes = question(type, target);
  const errno = await device.call(`ask the ${target} of`, VIDIOC_G_SELECTION, bytes, ABSENT);
  return errno === 0 ? readRectangle(bytes) : undefined;
}

/** Returns the rectangle that the driver made of it; undefined where it cannot be set. */
export async function setSelection(
  device: V4l2Device,
  type: BufferType,
  target: SelectionTarget,
  { left, top, width, height }: Rectangle,
): Promise<Rectangle | undefined> {
  const { at } = SELECTION;
  const bytes = question(type, target);
  bytes.writeInt32LE(left, at['r.left']);
  bytes.writeInt32LE(top, at['r.top']);
  bytes.writeUInt32LE(width, at['r.width']);
  bytes.writeUInt32LE(height, at['r.height']);
  const errno = await device.call(`set the ${target} of`, VIDIOC_S_SELECTION, bytes, ABSENT);
  return errno === 0 ? readRectangle(bytes) : undefined;
}

function question(type: BufferType, target: SelectionTarget): Buffer {
  const bytes = Buffer.alloc(SELECTION.size);
  bytes.writeUInt32LE(bufferTypeCode(type), SELECTION.at.type);
  bytes.writeUInt32LE(TARGETS[target], SELECTION.at.target);
  return bytes;
}

function readRectangle(bytes: Buffer): Rectangle {
  const { at } = SELECTION;
  return {
    left: bytes.readInt32LE(at['r.left']),
    top: bytes.readInt32LE(at['r.top']),
    width: bytes.readUInt32LE(at['r.width']),
    height: bytes.readUInt32LE(at['r.height']),
  };
}
