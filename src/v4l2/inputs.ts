import { readCString } from '../native/c-string.ts';
import { ENOTTY } from '../native/errno.ts';
import type { V4l2Device } from './device.ts';
import { enumerate } from './enumerate.ts';
import { VIDIOC_ENUMINPUT, VIDIOC_G_INPUT, VIDIOC_S_INPUT } from './ioctl-numbers.ts';
import {
  V4L2_IN_CAP_DV_TIMINGS,
  V4L2_IN_CAP_STD,
  V4L2_IN_ST_NO_COLOR,
  V4L2_IN_ST_NO_H_LOCK,
  V4L2_IN_ST_NO_POWER,
  V4L2_IN_ST_NO_SIGNAL,
  V4L2_IN_ST_NO_SYNC,
} from './kernel-constants.ts';
import { INPUT } from './struct-layouts.ts';

const TROUBLES = {
  no_power: V4L2_IN_ST_NO_POWER,
  no_signal: V4L2_IN_ST_NO_SIGNAL,
  no_colour: V4L2_IN_ST_NO_COLOR,
  no_lock: V4L2_IN_ST_NO_H_LOCK,
  no_sync: V4L2_IN_ST_NO_SYNC,
} as const;

export type InputTrouble = keyof typeof TROUBLES;

/** One of the sources that a device can capture from: most cameras have one, a grabber has its sockets. */
export interface VideoInput {
  readonly index: number;
  /** "HDMI 0" */
  readonly name: string;
  /** What keeps pictures from coming, as far as the hardware tells; only of the input in use. */
  readonly troubles: readonly InputTrouble[];
  /** Its size comes with the signal (HDMI): see dv-timings.ts. */
  readonly hasDvTimings: boolean;
  /** It takes analogue television. */
  readonly hasStandards: boolean;
}

/** The inputs of a device, in the driver's order. */
export async function listInputs(device: V4l2Device): Promise<VideoInput[]> {
  const { at } = INPUT;
  const inputs: VideoInput[] = [];
  for await (const entry of enumerate(device, VIDIOC_ENUMINPUT, INPUT, () => undefined)) {
    const status = entry.readUInt32LE(at.status);
    const capabilities = entry.readUInt32LE(at.capabilities);
    inputs.push({
      index: entry.readUInt32LE(at.index),
      name: readCString(entry, at.name, 32),
      troubles: (Object.keys(TROUBLES) as InputTrouble[]).filter((name) => (status & TROUBLES[name]) !== 0),
      hasDvTimings: (capabilities & V4L2_IN_CAP_DV_TIMINGS) !== 0,
      hasStandards: (capabilities & V4L2_IN_CAP_STD) !== 0,
    });
  }
  return inputs;
}

/** The index of the input in use; undefined for a device that knows no inputs (a codec). */
export async function getInput(device: V4l2Device): Promise<number | undefined> {
  const bytes = Buffer.alloc(4);
  const errno = await device.call('ask the input of', VIDIOC_G_INPUT, bytes, [ENOTTY]);
  return errno === 0 ? bytes.readUInt32LE() : undefined;
}

/** Switch over. Formats, sizes and controls may be others then. Throws `device_busy` while the device streams. */
export async function setInput(device: V4l2Device, index: number): Promise<void> {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(index);
  await device.call(`switch to input ${index} of`, VIDIOC_S_INPUT, bytes);
}
