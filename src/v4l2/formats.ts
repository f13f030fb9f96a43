import { readCString } from '../native/c-string.ts';
import type { ColourCodes } from './colorimetry.ts';
import type { V4l2Device } from './device.ts';
import { enumerate } from './enumerate.ts';
import { fourcc, fourccName } from './fourcc.ts';
import { VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMESIZES, VIDIOC_G_FMT, VIDIOC_S_FMT } from './ioctl-numbers.ts';
import { FMTDESC, FORMAT, FRMSIZEENUM } from './struct-layouts.ts';

/** V4L2_BUF_TYPE_VIDEO_CAPTURE: single-planar capture, all this binding does. */
export const VIDEO_CAPTURE = 1;

/** V4L2_FRMSIZE_TYPE_DISCRETE; the others are ranges, with a step of one (continuous) or more (stepwise). */
const DISCRETE = 1;

export interface PixelFormat {
  /** Four characters: "MJPG". */
  readonly fourcc: string;
  readonly description: string;
  readonly compressed: boolean;
}

/** V4L2_FMT_FLAG_COMPRESSED */
const COMPRESSED = 1;

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

/** How the lines of a picture follow each other (enum v4l2_field): `none` is progressive, all others are interlaced. */
export type Field = (typeof FIELDS)[number];

const FIELDS = [
  'any',
  'none',
  'top',
  'bottom',
  'interlaced',
  'seq_tb',
  'seq_bt',
  'alternate',
  'interlaced_tb',
  'interlaced_bt',
] as const;

/** What a device delivers now. */
export interface Format {
  readonly fourcc: string;
  readonly width: number;
  readonly height: number;
  /** Zero for compressed formats. */
  readonly bytesPerLine: number;
  /** The size of the largest picture. */
  readonly imageBytes: number;
  readonly field: Field;
  /** Read with `readColorimetry`. */
  readonly colours: ColourCodes;
}

/** The pixel formats on offer, in the driver's order. */
export async function listFormats(device: V4l2Device): Promise<PixelFormat[]> {
  const { at } = FMTDESC;
  const formats: PixelFormat[] = [];
  for await (const entry of enumerate(device, VIDIOC_ENUM_FMT, FMTDESC, (question) =>
    question.writeUInt32LE(VIDEO_CAPTURE, at.type),
  )) {
    formats.push({
      fourcc: fourccName(entry.readUInt32LE(at.pixelformat)),
      description: readCString(entry, at.description, 32),
      compressed: (entry.readUInt32LE(at.flags) & COMPRESSED) !== 0,
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
  if (u32('type') === DISCRETE) {
    return { kind: 'discrete', width: u32('discrete.width'), height: u32('discrete.height') };
  }
  return {
    kind: 'range',
    minWidth: u32('stepwise.min_width'),
    maxWidth: u32('stepwise.max_width'),
    stepWidth: u32('stepwise.step_width'),
    minHeight: u32('stepwise.min_height'),
    maxHeight: u32('stepwise.max_height'),
    stepHeight: u32('stepwise.step_height'),
  };
}

export async function getFormat(device: V4l2Device): Promise<Format> {
  const bytes = Buffer.alloc(FORMAT.size);
  bytes.writeUInt32LE(VIDEO_CAPTURE, FORMAT.at.type);
  await device.call('ask the format of', VIDIOC_G_FMT, bytes);
  return readFormat(bytes);
}

/**
 * Ask for a format, progressive where there is a choice. The driver answers with the nearest it has, which may differ in all respects: look at what comes
 * back. Throws `device_busy` while another program streams.
 */
export async function setFormat(
  device: V4l2Device,
  wanted: Pick<Format, 'fourcc' | 'width' | 'height'>,
): Promise<Format> {
  const { at } = FORMAT;
  const bytes = Buffer.alloc(FORMAT.size);
  bytes.writeUInt32LE(VIDEO_CAPTURE, at.type);
  bytes.writeUInt32LE(wanted.width, at['fmt.pix.width']);
  bytes.writeUInt32LE(wanted.height, at['fmt.pix.height']);
  bytes.writeUInt32LE(fourcc(wanted.fourcc), at['fmt.pix.pixelformat']);
  bytes.writeUInt32LE(FIELDS.indexOf('none'), at['fmt.pix.field']);
  await device.call('set the format of', VIDIOC_S_FMT, bytes);
  return readFormat(bytes);
}

function readFormat(bytes: Buffer): Format {
  const { at } = FORMAT;
  const u32 = (field: keyof typeof at): number => bytes.readUInt32LE(at[field]);
  return {
    fourcc: fourccName(u32('fmt.pix.pixelformat')),
    width: u32('fmt.pix.width'),
    height: u32('fmt.pix.height'),
    bytesPerLine: u32('fmt.pix.bytesperline'),
    imageBytes: u32('fmt.pix.sizeimage'),
    field: FIELDS[u32('fmt.pix.field')] ?? 'any',
    colours: {
      colorspace: u32('fmt.pix.colorspace'),
      encoding: u32('fmt.pix.ycbcr_enc'),
      quantization: u32('fmt.pix.quantization'),
    },
  };
}
