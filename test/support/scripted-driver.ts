import { constants } from 'node:os';
import { koffi } from '../../src/native/koffi.ts';
import { type DeviceHandle, V4l2Device } from '../../src/v4l2/device.ts';
import {
  VIDIOC_G_EXT_CTRLS,
  VIDIOC_QUERY_EXT_CTRL,
  VIDIOC_QUERYCAP,
  VIDIOC_QUERYMENU,
  VIDIOC_S_EXT_CTRLS,
} from '../../src/v4l2/ioctl-numbers.ts';
import {
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_CTRL_FLAG_NEXT_CTRL,
  V4L2_CTRL_TYPE_BOOLEAN,
  V4L2_CTRL_TYPE_BUTTON,
  V4L2_CTRL_TYPE_INTEGER,
  V4L2_CTRL_TYPE_MENU,
} from '../../src/v4l2/kernel-constants.ts';
import { CAPABILITY, EXT_CONTROL, EXT_CONTROLS, QUERY_EXT_CTRL, QUERYMENU } from '../../src/v4l2/struct-layouts.ts';

const { EINVAL, ENOTTY } = constants.errno;

/** Answers one kind of ioctl: changes its argument, and returns 0 or an errno. */
export type Answer = (argument: Buffer) => number;

export interface ScriptedControl {
  readonly label: string;
  readonly kind: 'integer' | 'boolean' | 'menu' | 'button';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly menu?: readonly string[];
  /** What it is set to. */
  value: number;
  /** What setting it is answered with. */
  errno?: number;
}

const TYPES = {
  integer: V4L2_CTRL_TYPE_INTEGER,
  boolean: V4L2_CTRL_TYPE_BOOLEAN,
  menu: V4L2_CTRL_TYPE_MENU,
  button: V4L2_CTRL_TYPE_BUTTON,
};

/** A driver for what no kernel driver does at will: it answers the ioctls that a test names, and ENOTTY to all others. */
export class ScriptedDriver implements DeviceHandle {
  readonly path = '/dev/video9';
  closed = false;
  readonly #answers = new Map<number, Answer>();

  constructor() {
    this.on(VIDIOC_QUERYCAP, (argument) => {
      argument.write('Scripted', CAPABILITY.at.card);
      argument.writeUInt32LE(V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING, CAPABILITY.at.capabilities);
      return 0;
    });
  }

  on(request: number, answer: Answer): void {
    this.#answers.set(request, answer);
  }

  /** The device that this drives. */
  open(): Promise<V4l2Device> {
    return V4l2Device.over(this);
  }

  async ioctl(request: number, argument: Uint8Array): Promise<number> {
    return this.ioctlNow(request, argument);
  }

  ioctlNow(request: number, argument: Uint8Array): number {
    const bytes = Buffer.from(argument.buffer, argument.byteOffset, argument.length);
    return this.#answers.get(request)?.(bytes) ?? ENOTTY;
  }

  map(): { readonly errno: number } {
    return { errno: EINVAL };
  }

  watch(): never {
    throw new Error('a scripted driver gives no pictures');
  }

  waiter(): never {
    throw new Error('a scripted driver gives no events');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
  }
}

/** A driver with controls, the first with the id 1. Numbers out of range are moved to the nearest, as drivers do. */
export function withControls(driver: ScriptedDriver, controls: readonly ScriptedControl[]): ScriptedDriver {
  driver.on(VIDIOC_QUERY_EXT_CTRL, (argument) => {
    const { at } = QUERY_EXT_CTRL;
    const asked = argument.readUInt32LE(at.id);
    const id = (asked & 0xffff) + (asked & V4L2_CTRL_FLAG_NEXT_CTRL ? 1 : 0);
    const control = controls[id - 1];
    if (control === undefined) return EINVAL;
    argument.writeUInt32LE(id, at.id);
    argument.writeUInt32LE(TYPES[control.kind], at.type);
    argument.write(control.label, at.name);
    argument.writeBigInt64LE(BigInt(control.minimum ?? 0), at.minimum);
    argument.writeBigInt64LE(BigInt(control.maximum ?? (control.menu?.length ?? 2) - 1), at.maximum);
    return 0;
  });
  driver.on(VIDIOC_QUERYMENU, (argument) => {
    const { at } = QUERYMENU;
    const label = controls[argument.readUInt32LE(at.id) - 1]?.menu?.[argument.readUInt32LE(at.index)];
    if (label === undefined) return EINVAL;
    argument.write(label, at.name);
    return 0;
  });
  driver.on(VIDIOC_S_EXT_CTRLS, (argument) => {
    const { control, entry } = entryOf(argument, controls);
    if (control.errno !== undefined) return control.errno;
    const wanted = entry.getInt32(EXT_CONTROL.at.value, true);
    control.value = Math.min(Math.max(wanted, control.minimum ?? 0), control.maximum ?? wanted);
    return 0;
  });
  driver.on(VIDIOC_G_EXT_CTRLS, (argument) => {
    const { control, entry } = entryOf(argument, controls);
    entry.setInt32(EXT_CONTROL.at.value, control.value, true);
    return 0;
  });
  return driver;
}

/** The one control that a struct v4l2_ext_controls asks for, and its entry in memory. */
function entryOf(argument: Buffer, controls: readonly ScriptedControl[]) {
  const entry = new DataView(koffi.view(argument.readBigUInt64LE(EXT_CONTROLS.at.controls), EXT_CONTROL.size));
  return { entry, control: controls[entry.getUint32(EXT_CONTROL.at.id, true) - 1]! };
}
