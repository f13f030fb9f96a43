import { CamboxError } from '../base/errors.ts';
import { readCString } from '../native/c-string.ts';
import { EACCES, EINVAL, ENOTTY } from '../native/errno.ts';
import type { V4l2Device } from './device.ts';
import { errnoError } from './errors.ts';
import { VIDIOC_G_CTRL, VIDIOC_QUERY_EXT_CTRL, VIDIOC_QUERYMENU, VIDIOC_S_CTRL } from './ioctl-numbers.ts';
import { CONTROL, QUERY_EXT_CTRL, QUERYMENU } from './struct-layouts.ts';

/** enum v4l2_ctrl_type, those this binding can set. */
const KINDS = {
  1: 'integer',
  2: 'boolean',
  3: 'menu',
  4: 'button',
  8: 'bitmask',
  9: 'integer_menu',
} as const;

export type ControlKind = (typeof KINDS)[keyof typeof KINDS];

export interface MenuItem {
  readonly value: number;
  /** The item's text, or for an `integer_menu` its number. */
  readonly label: string;
}

export interface Control {
  /** V4L2_CID_* */
  readonly id: number;
  /** A name for configs and command lines, as v4l2-ctl makes it of the label: "white_balance_automatic". */
  readonly name: string;
  /** "White Balance, Automatic" */
  readonly label: string;
  readonly kind: ControlKind;
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly defaultValue: number;
  readonly readOnly: boolean;
  /** A button, for one: it can be pressed, not asked. */
  readonly writeOnly: boolean;
  /** Without effect now, as another control (an automatic) rules. */
  readonly inactive: boolean;
  /** Empty but for the menu kinds. */
  readonly menu: readonly MenuItem[];
}

const FLAG_DISABLED = 0x0001;
const FLAG_READ_ONLY = 0x0004;
const FLAG_INACTIVE = 0x0010;
const FLAG_WRITE_ONLY = 0x0040;
/** In the id of a question: give me the first control after this id (V4L2_CTRL_FLAG_NEXT_CTRL). */
const NEXT = 0x80000000;
/** Guards against a driver that never says "no more". */
const MAX_CONTROLS = 1024;
const MAX_MENU_ITEMS = 256;

const controlName = (label: string): string =>
  label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');

/** The controls a device has, in the order of their ids. Those with wider values than 32 bits are left out. */
export async function listControls(device: V4l2Device): Promise<Control[]> {
  const { at } = QUERY_EXT_CTRL;
  const controls: Control[] = [];
  let last = 0;
  for (let count = 0; count < MAX_CONTROLS; count++) {
    const bytes = Buffer.alloc(QUERY_EXT_CTRL.size);
    bytes.writeUInt32LE((last | NEXT) >>> 0, at.id);
    const errno = await device.ask(VIDIOC_QUERY_EXT_CTRL, bytes);
    if (errno === EINVAL || errno === ENOTTY) break;
    if (errno !== 0) throw errnoError('list the controls of', device.path, errno);
    last = bytes.readUInt32LE(at.id);
    const control = await readControl(device, bytes);
    if (control !== undefined) controls.push(control);
  }
  return controls;
}

async function readControl(device: V4l2Device, bytes: Buffer): Promise<Control | undefined> {
  const { at } = QUERY_EXT_CTRL;
  const kind = KINDS[bytes.readUInt32LE(at.type) as keyof typeof KINDS];
  const flags = bytes.readUInt32LE(at.flags);
  if (kind === undefined || (flags & FLAG_DISABLED) !== 0) return undefined;
  const label = readCString(bytes, at.name, 32);
  const control = {
    id: bytes.readUInt32LE(at.id),
    name: controlName(label),
    label,
    kind,
    minimum: Number(bytes.readBigInt64LE(at.minimum)),
    maximum: Number(bytes.readBigInt64LE(at.maximum)),
    step: Number(bytes.readBigUInt64LE(at.step)),
    defaultValue: Number(bytes.readBigInt64LE(at.default_value)),
    readOnly: (flags & FLAG_READ_ONLY) !== 0,
    writeOnly: (flags & FLAG_WRITE_ONLY) !== 0,
    inactive: (flags & FLAG_INACTIVE) !== 0,
  };
  const hasMenu = kind === 'menu' || kind === 'integer_menu';
  return { ...control, menu: hasMenu ? await listMenu(device, control) : [] };
}

/** A driver may leave out items of a menu: it answers EINVAL for those. */
async function listMenu(
  device: V4l2Device,
  control: Pick<Control, 'id' | 'kind' | 'minimum' | 'maximum'>,
): Promise<MenuItem[]> {
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

export async function getControl(device: V4l2Device, control: Control): Promise<number> {
  const bytes = Buffer.alloc(CONTROL.size);
  bytes.writeUInt32LE(control.id, CONTROL.at.id);
  await device.call(`ask the control ${control.name} of`, VIDIOC_G_CTRL, bytes);
  return bytes.readInt32LE(CONTROL.at.value);
}

/**
 * Set a control and return what it is then: drivers move a value that is out of range to the nearest they have,
 * without an error. Throws `unsupported` when it cannot be set, or not now.
 */
export async function setControl(device: V4l2Device, control: Control, value: number): Promise<number> {
  const verb = `set the control ${control.name} of`;
  const bytes = Buffer.alloc(CONTROL.size);
  bytes.writeUInt32LE(control.id, CONTROL.at.id);
  bytes.writeInt32LE(value, CONTROL.at.value);
  const errno = await device.ask(VIDIOC_S_CTRL, bytes);
  if (errno === EACCES) {
    throw new CamboxError('unsupported', {
      verb,
      thing: device.path,
      reason: 'it is read-only, or another control rules it now (EACCES)',
      received: value,
      remedy: 'Turn off the automatic that rules it first',
    });
  }
  if (errno !== 0) throw errnoError(verb, device.path, errno);
  return control.writeOnly ? value : getControl(device, control);
}
