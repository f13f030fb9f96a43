import { readCString } from '../native/c-string.ts';
import { type BufferType, bufferTypeCode, captureType } from './buffer-type.ts';
import type { V4l2Device } from './device.ts';
import { enumerate } from './enumerate.ts';
import { encodeFormat, type Format, formatQuestion, readFormat, type WantedFormat } from './format.ts';
import { fourcc, fourccName } from './fourcc.ts';
import {
  VIDIOC_ENUM_FMT,
  VIDIOC_ENUM_FRAMESIZES,
  VIDIOC_G_FMT,
  VIDIOC_S_FMT,
  VIDIOC_TRY_FMT,
} from './ioctl-numbers.ts';
import {
  V4L2_FMT_FLAG_COMPRESSED,
  V4L2_FMT_FLAG_EMULATED,
  V4L2_FRMSIZE_TYPE_CONTINUOUS,
  V4L2_FRMSIZE_TYPE_DISCRETE,
} from './kernel-constants.ts';
import { FMTDESC, FRMSIZEENUM } from './struct-layouts.ts';

export interface PixelFormat {
  /** Four characters: "MJPG". */
  readonly fourcc: string;
  readonly description: string;
  readonly compressed: boolean;
  /** A library in between makes it, not the device (V4L2_FMT_FLAG_EMULATED). */
  readonly emulated: boolean;
}

/** A size on offer: one, or a range, any step within which is a size too; its steps are 1 where it is continuous. */
export type FrameSize =
  | { readonly kind: 'discrete'; readonly width: number; readonly height: number }
  | {
      readonly kind: 'range';
      readonly minWidth: number;
      readonly maxWidth: number;
      readonly stepWidth: number;
      readonly minHeight: number;
      readonly maxHeight: number;
      readonly stepHeight: number;
    };

/** The pixel formats that a queue of the device takes or gives, in the driver's order. */
export async function listFormats(
  device: V4l2Device,
  type: BufferType = captureType(device.capabilities),
): Promise<PixelFormat[]> {
  const { at } = FMTDESC;
  const formats: PixelFormat[] = [];
  for await (const entry of enumerate(device, VIDIOC_ENUM_FMT, FMTDESC, (question) =>
    question.writeUInt32LE(bufferTypeCode(type), at.type),
  )) {
    const flags = entry.readUInt32LE(at.flags);
    formats.push({
      fourcc: fourccName(entry.readUInt32LE(at.pixelformat)),
      description: readCString(entry, at.description, 32),
      compressed: (flags & V4L2_FMT_FLAG_COMPRESSED) !== 0,
      emulated: (flags & V4L2_FMT_FLAG_EMULATED) !== 0,
    });
  }
  return formats;
}

/** The picture sizes on offer in one pixel format. */
export async function listFrameSizes(device: V4l2Device, pixelFormat: string): Promise<FrameSize[]> {
  const { at } = FRMSIZEENUM;
  const sizes: FrameSize[] = [];
  for await (const entry of enumerate(device, VIDIOC_ENUM_FRAMESIZES, FRMSIZEENUM, (question) =>
    question.writeUInt32LE(fourcc(pixelFormat), at.pixel_format),
  )) {
    sizes.push(readFrameSize(entry));
  }
  return sizes;
}

function readFrameSize(entry: Buffer): FrameSize {
  const { at } = FRMSIZEENUM;
  const u32 = (field: keyof typeof at): number => entry.readUInt32LE(at[field]);
  if (u32('type') === V4L2_FRMSIZE_TYPE_DISCRETE) {
    return { kind: 'discrete', width: u32('discrete.width'), height: u32('discrete.height') };
  }
  const isContinuous = u32('type') === V4L2_FRMSIZE_TYPE_CONTINUOUS;
  return {
    kind: 'range',
    minWidth: u32('stepwise.min_width'),
    maxWidth: u32('stepwise.max_width'),
    stepWidth: isContinuous ? 1 : u32('stepwise.step_width'),
    minHeight: u32('stepwise.min_height'),
    maxHeight: u32('stepwise.max_height'),
    stepHeight: isContinuous ? 1 : u32('stepwise.step_height'),
  };
}

/** The format that a queue has. */
export async function getFormat(
  device: V4l2Device,
  type: BufferType = captureType(device.capabilities),
): Promise<Format> {
  const bytes = formatQuestion(type);
  await device.call('ask the format of', VIDIOC_G_FMT, bytes);
  return readFormat(type, bytes);
}

/**
 * Ask for a format, progressive where there is a choice. The driver answers with the nearest it has, which may differ
 * in all respects: look at what comes back. Throws `device_busy` while another program streams.
 */
export async function setFormat(
  device: V4l2Device,
  wanted: WantedFormat,
  type: BufferType = captureType(device.capabilities),
): Promise<Format> {
  const bytes = encodeFormat(type, wanted);
  await device.call('set the format of', VIDIOC_S_FMT, bytes);
  return readFormat(type, bytes);
}

/** What `setFormat` would give: the device stays as it is, and may be in use by another program. */
export async function tryFormat(
  device: V4l2Device,
  wanted: WantedFormat,
  type: BufferType = captureType(device.capabilities),
): Promise<Format> {
  const bytes = encodeFormat(type, wanted);
  await device.call('try a format of', VIDIOC_TRY_FMT, bytes);
  return readFormat(type, bytes);
}
