import { EINVAL, ENOTTY } from '../native/errno.ts';
import { type BufferType, bufferTypeCode, captureType } from './buffer-type.ts';
import type { V4l2Device } from './device.ts';
import { enumerate } from './enumerate.ts';
import { fourcc } from './fourcc.ts';
import { VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_G_PARM, VIDIOC_S_PARM } from './ioctl-numbers.ts';
import { V4L2_CAP_TIMEPERFRAME, V4L2_FRMIVAL_TYPE_DISCRETE } from './kernel-constants.ts';
import { FRMIVALENUM, STREAMPARM } from './struct-layouts.ts';

/** Pictures a second on offer: one rate, or all between two. */
export type FrameRate =
  | { readonly kind: 'discrete'; readonly fps: number }
  | { readonly kind: 'range'; readonly minFps: number; readonly maxFps: number };

/** Rates such as 29.97 are told apart, and asked for, to a thousandth. */
const RATE_PRECISION = 1000;

/** V4L2 tells the time of a picture as a fraction of seconds; a rate is its inverse, to a thousandth. */
const rateOf = (numerator: number, denominator: number): number =>
  numerator === 0 ? 0 : Math.round((denominator / numerator) * RATE_PRECISION) / RATE_PRECISION;

/** The rates on offer in one pixel format and picture size. */
export async function listFrameRates(
  device: V4l2Device,
  pixelFormat: string,
  size: { readonly width: number; readonly height: number },
): Promise<FrameRate[]> {
  const { at } = FRMIVALENUM;
  const rates: FrameRate[] = [];
  for await (const entry of enumerate(device, VIDIOC_ENUM_FRAMEINTERVALS, FRMIVALENUM, (question) => {
    question.writeUInt32LE(fourcc(pixelFormat), at.pixel_format);
    question.writeUInt32LE(size.width, at.width);
    question.writeUInt32LE(size.height, at.height);
  })) {
    rates.push(readFrameRate(entry));
  }
  return rates;
}

function readFrameRate(entry: Buffer): FrameRate {
  const { at } = FRMIVALENUM;
  const rateAt = (numerator: keyof typeof at, denominator: keyof typeof at): number =>
    rateOf(entry.readUInt32LE(at[numerator]), entry.readUInt32LE(at[denominator]));
  if (entry.readUInt32LE(at.type) === V4L2_FRMIVAL_TYPE_DISCRETE) {
    return { kind: 'discrete', fps: rateAt('discrete.numerator', 'discrete.denominator') };
  }
  return {
    kind: 'range',
    minFps: rateAt('stepwise.max.numerator', 'stepwise.max.denominator'),
    maxFps: rateAt('stepwise.min.numerator', 'stepwise.min.denominator'),
  };
}

/** The rate in force; undefined when the driver does not tell. */
export async function getFrameRate(
  device: V4l2Device,
  type: BufferType = captureType(device.capabilities),
): Promise<number | undefined> {
  const bytes = Buffer.alloc(STREAMPARM.size);
  bytes.writeUInt32LE(bufferTypeCode(type), STREAMPARM.at.type);
  const errno = await device.call('ask the frame rate of', VIDIOC_G_PARM, bytes, [ENOTTY, EINVAL]);
  return errno === 0 ? readRate(bytes) : undefined;
}

/**
 * Ask for a rate; setting the format resets it, so this comes after. Returns the rate that the driver chose, or has
 * where it takes none; undefined when it does not tell. Throws `device_busy` where a driver takes no rate while it streams.
 */
export async function setFrameRate(
  device: V4l2Device,
  fps: number,
  type: BufferType = captureType(device.capabilities),
): Promise<number | undefined> {
  const { at } = STREAMPARM;
  const bytes = Buffer.alloc(STREAMPARM.size);
  bytes.writeUInt32LE(bufferTypeCode(type), at.type);
  bytes.writeUInt32LE(RATE_PRECISION, at['parm.capture.timeperframe.numerator']);
  bytes.writeUInt32LE(Math.round(fps * RATE_PRECISION), at['parm.capture.timeperframe.denominator']);
  const errno = await device.call('set the frame rate of', VIDIOC_S_PARM, bytes, [ENOTTY, EINVAL]);
  return errno === 0 ? readRate(bytes) : getFrameRate(device, type);
}

function readRate(bytes: Buffer): number | undefined {
  const { at } = STREAMPARM;
  // Without this flag the driver does not really do what S_PARM asks.
  if ((bytes.readUInt32LE(at['parm.capture.capability']) & V4L2_CAP_TIMEPERFRAME) === 0) return undefined;
  const rate = rateOf(
    bytes.readUInt32LE(at['parm.capture.timeperframe.numerator']),
    bytes.readUInt32LE(at['parm.capture.timeperframe.denominator']),
  );
  return rate === 0 ? undefined : rate;
}
