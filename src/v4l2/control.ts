import { readCString } from '../native/c-string.ts';
import {
  V4L2_CTRL_FLAG_DISABLED,
  V4L2_CTRL_FLAG_GRABBED,
  V4L2_CTRL_FLAG_HAS_PAYLOAD,
  V4L2_CTRL_FLAG_INACTIVE,
  V4L2_CTRL_FLAG_MODIFY_LAYOUT,
  V4L2_CTRL_FLAG_READ_ONLY,
  V4L2_CTRL_FLAG_UPDATE,
  V4L2_CTRL_FLAG_VOLATILE,
  V4L2_CTRL_FLAG_WRITE_ONLY,
  V4L2_CTRL_TYPE_BITMASK,
  V4L2_CTRL_TYPE_BOOLEAN,
  V4L2_CTRL_TYPE_BUTTON,
  V4L2_CTRL_TYPE_CTRL_CLASS,
  V4L2_CTRL_TYPE_INTEGER,
  V4L2_CTRL_TYPE_INTEGER_MENU,
  V4L2_CTRL_TYPE_INTEGER64,
  V4L2_CTRL_TYPE_MENU,
  V4L2_CTRL_TYPE_STRING,
} from './kernel-constants.ts';
import { QUERY_EXT_CTRL } from './struct-layouts.ts';

interface ControlAbout {
  /** V4L2_CID_* */
  readonly id: number;
  /** A name for configs and command lines, as v4l2-ctl makes it of the label: "white_balance_automatic". */
  readonly name: string;
  /** "White Balance, Automatic" */
  readonly label: string;
  readonly readOnly: boolean;
  /** A button, for one: it can be pressed, not asked. */
  readonly writeOnly: boolean;
  /** Without effect now, as another control (an automatic) rules. */
  readonly inactive: boolean;
  /** Cannot be set now, as it is in use (often: while the device streams). */
  readonly grabbed: boolean;
  /** The device changes it by itself (a gain under automatic control): it is worth asking again. */
  readonly volatile: boolean;
  /** Setting it changes other controls: list them anew. */
  readonly updatesOthers: boolean;
  /** Setting it changes the layout of the pictures (a rotation): not while streaming; then set the format anew. */
  readonly changesLayout: boolean;
}

export interface MenuItem {
  readonly value: number;
  /** The item's text, or for an `integer_menu` its number. */
  readonly label: string;
}

/** A number in 32 bits: signed, but for the bitmask. A boolean is 0 or 1; any number presses a button. */
export interface NumberControl extends ControlAbout {
  readonly kind: 'integer' | 'boolean' | 'menu' | 'button' | 'bitmask' | 'integer_menu';
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly defaultValue: number;
  /** Empty but for the menu kinds. */
  readonly menu: readonly MenuItem[];
}

export interface Integer64Control extends ControlAbout {
  readonly kind: 'integer64';
  readonly minimum: bigint;
  readonly maximum: bigint;
  readonly step: bigint;
  readonly defaultValue: bigint;
}

export interface StringControl extends ControlAbout {
  readonly kind: 'string';
  /** Of its length, in bytes. */
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
}

/** An array, or a struct of its own: read as bytes. */
export interface CompoundControl extends ControlAbout {
  readonly kind: 'compound';
  /** enum v4l2_ctrl_type: what its elements are (0x0100 U8, 0x0101 U16, 0x0102 U32, 0x0106 AREA, …). */
  readonly elementType: number;
  readonly elementBytes: number;
  /** How many there are now; of an array that can grow (V4L2_CTRL_FLAG_DYNAMIC_ARRAY) this changes. */
  readonly elements: number;
  /** Of the array; empty for a single element. */
  readonly dimensions: readonly number[];
  /** Of each element, where it is a number. */
  readonly minimum: bigint;
  readonly maximum: bigint;
}

export type Control = NumberControl | Integer64Control | StringControl | CompoundControl;

/** What the value of a control is in JavaScript. */
export type ValueOf<C extends Control> = C extends NumberControl
  ? number
  : C extends Integer64Control
    ? bigint
    : C extends StringControl
      ? string
      : Uint8Array;

/** Controls that have a value that can be set (if not `readOnly`). */
export type SettableControl = NumberControl | Integer64Control | StringControl;

const NUMBER_KINDS: ReadonlyMap<number, NumberControl['kind']> = new Map([
  [V4L2_CTRL_TYPE_INTEGER, 'integer'],
  [V4L2_CTRL_TYPE_BOOLEAN, 'boolean'],
  [V4L2_CTRL_TYPE_MENU, 'menu'],
  [V4L2_CTRL_TYPE_BUTTON, 'button'],
  [V4L2_CTRL_TYPE_BITMASK, 'bitmask'],
  [V4L2_CTRL_TYPE_INTEGER_MENU, 'integer_menu'],
]);

const MAX_DIMENSIONS = 4;

const nameOf = (label: string): string =>
  label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');

/** Read a struct v4l2_query_ext_ctrl; undefined for a heading of a class and for what is disabled for good. */
export function readControl(bytes: Buffer): Control | undefined {
  const { at } = QUERY_EXT_CTRL;
  const type = bytes.readUInt32LE(at.type);
  const flags = bytes.readUInt32LE(at.flags);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (type === V4L2_CTRL_TYPE_CTRL_CLASS || has(V4L2_CTRL_FLAG_DISABLED)) return undefined;
  const label = readCString(bytes, at.name, 32);
  const about: ControlAbout = {
    id: bytes.readUInt32LE(at.id),
    name: nameOf(label),
    label,
    readOnly: has(V4L2_CTRL_FLAG_READ_ONLY),
    writeOnly: has(V4L2_CTRL_FLAG_WRITE_ONLY),
    inactive: has(V4L2_CTRL_FLAG_INACTIVE),
    grabbed: has(V4L2_CTRL_FLAG_GRABBED),
    volatile: has(V4L2_CTRL_FLAG_VOLATILE),
    updatesOthers: has(V4L2_CTRL_FLAG_UPDATE),
    changesLayout: has(V4L2_CTRL_FLAG_MODIFY_LAYOUT),
  };
  const wide = {
    minimum: bytes.readBigInt64LE(at.minimum),
    maximum: bytes.readBigInt64LE(at.maximum),
    step: bytes.readBigUInt64LE(at.step),
    defaultValue: bytes.readBigInt64LE(at.default_value),
  };
  const { minimum, maximum, step, defaultValue } = wide;
  const numbers = { minimum: Number(minimum), maximum: Number(maximum), step: Number(step) };
  const numberKind = NUMBER_KINDS.get(type);
  // A string has its payload elsewhere, too; every other kind that has is an array or a struct.
  if (type === V4L2_CTRL_TYPE_STRING) return { ...about, kind: 'string', ...numbers };
  if (has(V4L2_CTRL_FLAG_HAS_PAYLOAD)) return { ...about, kind: 'compound', ...readElements(bytes), minimum, maximum };
  if (type === V4L2_CTRL_TYPE_INTEGER64) return { ...about, kind: 'integer64', ...wide };
  if (numberKind === undefined) return undefined; // of a later kernel
  return { ...about, kind: numberKind, ...numbers, defaultValue: Number(defaultValue), menu: [] };
}

function readElements(
  bytes: Buffer,
): Pick<CompoundControl, 'elementType' | 'elementBytes' | 'elements' | 'dimensions'> {
  const { at } = QUERY_EXT_CTRL;
  const dimensions = Math.min(bytes.readUInt32LE(at.nr_of_dims), MAX_DIMENSIONS);
  return {
    elementType: bytes.readUInt32LE(at.type),
    elementBytes: bytes.readUInt32LE(at.elem_size),
    elements: bytes.readUInt32LE(at.elems),
    dimensions: Array.from({ length: dimensions }, (_, index) => bytes.readUInt32LE(at.dims + 4 * index)),
  };
}
