import { readCString } from '../native/c-string.ts';
import { EINVAL, ENOTTY } from '../native/errno.ts';
import { type Control, type MenuItem, type NumberControl, readControl } from './control.ts';
import type { V4l2Device } from './device.ts';
import { VIDIOC_QUERY_EXT_CTRL, VIDIOC_QUERYMENU } from './ioctl-numbers.ts';
import { V4L2_CTRL_FLAG_NEXT_COMPOUND, V4L2_CTRL_FLAG_NEXT_CTRL } from './kernel-constants.ts';
import { QUERY_EXT_CTRL, QUERYMENU } from './struct-layouts.ts';

/** In the id of a question: give me the first control of any kind after this id. */
const NEXT = V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND;
/** Guards against a driver that never says "no more". */
const MAX_CONTROLS = 1024;
const MAX_MENU_ITEMS = 256;

/** The controls a device has, in the order of their ids. */
export async function listControls(device: V4l2Device): Promise<Control[]> {
  const controls: Control[] = [];
  let last = 0;
  for (let count = 0; count < MAX_CONTROLS; count++) {
    const bytes = await query(device, last | NEXT);
    if (bytes === undefined) break;
    last = bytes.readUInt32LE(QUERY_EXT_CTRL.at.id);
    const control = readControl(bytes);
    if (control !== undefined) controls.push(await withMenu(device, control));
  }
  return controls;
}

/**
 * A control as it is now: its range and its flags (inactive, grabbed) change with the format, the input and other
 * controls. Undefined when the device does not have it any more.
 */
export async function queryControl<C extends Control>(device: V4l2Device, control: C): Promise<C | undefined> {
  const bytes = await query(device, control.id);
  const now = bytes && readControl(bytes);
  if (now === undefined || now.kind !== control.kind) return undefined;
  return (await withMenu(device, now)) as C;
}

async function query(device: V4l2Device, id: number): Promise<Buffer | undefined> {
  const bytes = Buffer.alloc(QUERY_EXT_CTRL.size);
  bytes.writeUInt32LE(id >>> 0, QUERY_EXT_CTRL.at.id);
  const errno = await device.call('list the controls of', VIDIOC_QUERY_EXT_CTRL, bytes, [EINVAL, ENOTTY]);
  return errno === 0 ? bytes : undefined;
}

async function withMenu(device: V4l2Device, control: Control): Promise<Control> {
  if (control.kind !== 'menu' && control.kind !== 'integer_menu') return control;
  return { ...control, menu: await listMenu(device, control) };
}

/** A driver may leave out items of a menu: it answers EINVAL for those. */
async function listMenu(device: V4l2Device, control: NumberControl): Promise<MenuItem[]> {
  const { at } = QUERYMENU;
  const items: MenuItem[] = [];
  const last = Math.min(control.maximum, control.minimum + MAX_MENU_ITEMS);
  for (let value = control.minimum; value <= last; value++) {
    const bytes = Buffer.alloc(QUERYMENU.size);
    bytes.writeUInt32LE(control.id, at.id);
    bytes.writeUInt32LE(value, at.index);
    if ((await device.ask(VIDIOC_QUERYMENU, bytes)) !== 0) continue;
    const label = control.kind === 'menu' ? readCString(bytes, at.name, 32) : `${bytes.readBigInt64LE(at.value)}`;
    items.push({ value, label });
  }
  return items;
}
