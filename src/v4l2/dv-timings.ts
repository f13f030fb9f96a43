import { ENOLCK, ENOLINK, ERANGE } from '../native/errno.ts';
import type { V4l2Device } from './device.ts';
import { VIDIOC_G_DV_TIMINGS, VIDIOC_QUERY_DV_TIMINGS, VIDIOC_S_DV_TIMINGS } from './ioctl-numbers.ts';
import { V4L2_DV_INTERLACED } from './kernel-constants.ts';
import { DV_TIMINGS } from './struct-layouts.ts';

/** The signal on a digital input such as HDMI. */
export interface DvTimings {
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  /** Pictures a second (of an interlaced signal, two fields make one), to a thousandth. */
  readonly fps: number;
  /** The struct v4l2_dv_timings, to be given back with `setDvTimings`. */
  readonly raw: Buffer;
}

/** There is no cable or nothing on it; it does not hold still; or it is more than the receiver takes. */
export type SignalTrouble = 'no_signal' | 'no_lock' | 'out_of_range';

const TROUBLES: ReadonlyMap<number, SignalTrouble> = new Map([
  [ENOLINK, 'no_signal'],
  [ENOLCK, 'no_lock'],
  [ERANGE, 'out_of_range'],
]);

/**
 * What comes in on the input in use, as the hardware measures it. Ask after a `source_change` event, and set it before
 * the format: a receiver does not follow a new signal by itself.
 */
export async function queryDvTimings(device: V4l2Device): Promise<DvTimings | SignalTrouble> {
  const raw = Buffer.alloc(DV_TIMINGS.size);
  const errno = await device.call('ask the signal of', VIDIOC_QUERY_DV_TIMINGS, raw, [...TROUBLES.keys()]);
  return TROUBLES.get(errno) ?? readDvTimings(raw);
}

/** What the receiver is set to. */
export async function getDvTimings(device: V4l2Device): Promise<DvTimings> {
  const raw = Buffer.alloc(DV_TIMINGS.size);
  await device.call('ask the timings of', VIDIOC_G_DV_TIMINGS, raw);
  return readDvTimings(raw);
}

/** Set the receiver to a signal. Throws `device_busy` while the device streams. */
export async function setDvTimings(device: V4l2Device, { raw }: DvTimings): Promise<void> {
  await device.call('set the timings of', VIDIOC_S_DV_TIMINGS, Buffer.from(raw));
}

/** Read a struct v4l2_dv_timings. */
export function readDvTimings(raw: Buffer): DvTimings {
  const { at } = DV_TIMINGS;
  const sum = (...fields: (keyof typeof at)[]): number =>
    fields.reduce((total, field) => total + raw.readUInt32LE(at[field]), 0);
  const [width, height] = [sum('bt.width'), sum('bt.height')];
  const interlaced = (sum('bt.interlaced') & V4L2_DV_INTERLACED) !== 0;
  // V4L2_DV_BT_FRAME_WIDTH and _HEIGHT: with the blanking around the picture.
  const blanking = sum('bt.vfrontporch', 'bt.vsync', 'bt.vbackporch');
  const secondBlanking = interlaced ? sum('bt.il_vfrontporch', 'bt.il_vsync', 'bt.il_vbackporch') : 0;
  const frameWidth = width + sum('bt.hfrontporch', 'bt.hsync', 'bt.hbackporch');
  const framePixels = frameWidth * (height + blanking + secondBlanking);
  const pixelsPerSecond = Number(raw.readBigUInt64LE(at['bt.pixelclock']));
  const fps = framePixels === 0 ? 0 : Math.round((pixelsPerSecond / framePixels) * 1000) / 1000;
  return { width, height, interlaced, fps, raw };
}
