import { EINVAL, ENOTTY } from '../native/errno.ts';
import type { V4l2Device } from './device.ts';
import { enumerate } from './enumerate.ts';
import { errnoError } from './errors.ts';
import { VIDEO_CAPTURE } from './formats.ts';
import { fourcc } from './fourcc.ts';
import { VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_G_PARM, VIDIOC_S_PARM } from './ioctl-numbers.ts';
import { FRMIVALENUM, STREAMPARM } from './struct-layouts.ts';

/** Pictures a second on offer: one rate, or all between two. */
export type FrameRate =
  | { readonly kind: 'discrete'; readonly fps: number }
  | { readonly kind: 'range'; readonly minFps: number; readonly maxFps: number };

/** V4L2_FRMIVAL_TYPE_DISCRETE */
const DISCRETE = 1;
/** V4L2_CAP_TIMEPERFRAME: the driver really does what S_PARM asks. */
const TIMEPERFRAME = 0x1000;
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
  if (entry.readUInt32LE(at.type) === DISCRETE) {
    return { kind: 'discrete', fps: rateAt('discrete.numerator', 'discrete.denominator') };
  }
  return {
    kind: 'range',
    minFps: rateAt('stepwise.max.numerator', 'stepwise.max.denominator'),
    maxFps: rateAt('stepwise.min.numerator', 'stepwise.min.denominator'),
  };
}

/** The rate in force; undefined when the driver does not tell. */
export async function getFrameRate(device: V4l2Device): Promise<number | undefined> {
  const bytes = Buffer.alloc(STREAMPARM.size);
  bytes.writeUInt32LE(VIDEO_CAPTURE, STREAMPARM.at.type);
  const errno = await device.ask(VIDIOC_G_PARM, bytes);
  if (errno === ENOTTY || errno === EINVAL) return undefined;
  if (errno !== 0) throw errnoError('ask the frame rate of', device.path, errno);
  return readRate(bytes);
}

/**
 * Ask for a rate; setting the format resets it, so this comes after. Returns the rate that the driver chose, or
 * undefined when it has no say in it.
 */
export async function setFrameRate(device: V4l2Device, fps: number): Promise<number | undefined> {
  const { at } = STREAMPARM;
  const bytes = Buffer.alloc(STREAMPARM.size);
  bytes.writeUInt32LE(VIDEO_CAPTURE, at.type);
  bytes.writeUInt32LE(RATE_PRECISION, at['parm.capture.timeperframe.numerator']);
  bytes.writeUInt32LE(Math.round(fps * RATE_PRECISION), at['parm.capture.timeperframe.denominator']);
  const errno = await device.ask(VIDIOC_S_PARM, bytes);
  if (errno === ENOTTY) return undefined;
  if (errno !== 0) throw errnoError('set the frame rate of', device.path, errno);
  return readRate(bytes);
}

function readRate(bytes: Buffer): number | undefined {
  const { at } = STREAMPARM;
  if ((bytes.readUInt32LE(at['parm.capture.capability']) & TIMEPERFRAME) === 0) return undefined;
  const rate = rateOf(
    bytes.readUInt32LE(at['parm.capture.timeperframe.numerator']),
    bytes.readUInt32LE(at['parm.capture.timeperframe.denominator']),
  );
  return rate === 0 ? undefined : rate;
}
