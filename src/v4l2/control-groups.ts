import type { Control } from './control.ts';
import { getControl } from './control-values.ts';
import { listControls } from './controls.ts';
import type { V4l2Device } from './device.ts';

/** V4L2_CTRL_CLASS_*: the upper half of a control's id. (Documentation/userspace-api/media/v4l/extended-controls.rst) */
const GROUPS: ReadonlyMap<number, string> = new Map([
  [0x98, 'user'],
  [0x99, 'codec'],
  [0x9a, 'camera'],
  [0x9c, 'flash'],
  [0x9d, 'jpeg'],
  [0x9e, 'image source'],
  [0x9f, 'image processing'],
  [0xa0, 'digital video'],
  [0xa3, 'detection'],
]);

/** A control and what it is set to. */
export interface ControlState {
  readonly control: Control;
  /** "user", "camera", "jpeg" …; "driver" for those that only one driver has. */
  readonly group: string;
  /** Undefined where it cannot be asked: a button, an array, or a camera that fails to answer. */
  readonly value: number | bigint | string | undefined;
}

/** What a device's controls are set to now. Asking changes nothing, also for one that streams. */
export async function readControls(device: V4l2Device): Promise<ControlState[]> {
  const states: ControlState[] = [];
  for (const control of await listControls(device)) {
    states.push({ control, group: GROUPS.get(control.id >>> 16) ?? 'driver', value: await askValue(device, control) });
  }
  return states;
}

async function askValue(device: V4l2Device, control: Control): Promise<ControlState['value']> {
  if (control.writeOnly || control.kind === 'compound') return undefined;
  return getControl(device, control).catch(() => undefined);
}
