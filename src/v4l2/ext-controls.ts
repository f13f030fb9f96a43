import { addressOf } from '../native/koffi.ts';
import type { Control, SettableControl, ValueOf } from './control.ts';
import { V4L2_CTRL_WHICH_CUR_VAL } from './kernel-constants.ts';
import { EXT_CONTROL, EXT_CONTROLS } from './struct-layouts.ts';

/** A control and the value it shall have. */
export interface Assignment<C extends SettableControl = SettableControl> {
  readonly control: C;
  readonly value: ValueOf<C>;
}

/** The 0 at a string's end. */
const NUL_BYTES = 1;

/**
 * A struct v4l2_ext_controls with what it points to: an array of struct v4l2_ext_control, and a payload for each
 * control whose value does not fit into it. Keep a reference until the ioctl has returned: the kernel knows the parts
 * by their addresses only. (Documentation/userspace-api/media/v4l/vidioc-g-ext-ctrls.rst)
 */
export class ExtControls {
  /** What an ioctl takes. */
  readonly bytes = Buffer.alloc(EXT_CONTROLS.size);
  readonly #controls: readonly Control[];
  readonly #entries: Buffer;
  readonly #payloads: readonly Buffer[];

  constructor(controls: readonly Control[]) {
    this.#controls = controls;
    this.#entries = Buffer.alloc(EXT_CONTROL.size * controls.length);
    this.#payloads = controls.map((control) => Buffer.alloc(payloadBytes(control)));
    this.bytes.writeUInt32LE(V4L2_CTRL_WHICH_CUR_VAL, EXT_CONTROLS.at.which);
    this.bytes.writeUInt32LE(controls.length, EXT_CONTROLS.at.count);
    this.bytes.writeBigUInt64LE(addressOf(this.#entries), EXT_CONTROLS.at.controls);
    for (const [index, control] of controls.entries()) {
      const start = index * EXT_CONTROL.size;
      const payload = this.#payloads[index]!;
      this.#entries.writeUInt32LE(control.id, start + EXT_CONTROL.at.id);
      if (payload.length === 0) continue;
      this.#entries.writeUInt32LE(payload.length, start + EXT_CONTROL.at.size);
      this.#entries.writeBigUInt64LE(addressOf(payload), start + EXT_CONTROL.at.ptr);
    }
  }

  /** For a call that sets. */
  static of(assignments: readonly Assignment[]): ExtControls {
    const controls = new ExtControls(assignments.map(({ control }) => control));
    for (const [index, { control, value }] of assignments.entries()) controls.#write(index, control, value);
    return controls;
  }

  /** After a call that failed: the control to blame; undefined when the driver does not tell. */
  get blamed(): Control | undefined {
    return this.#controls[this.bytes.readUInt32LE(EXT_CONTROLS.at.error_idx)];
  }

  /** After a call: the value that a control has now. */
  read<C extends Control>(index: number, control: C): ValueOf<C>;
  read(index: number, control: Control): number | bigint | string | Uint8Array {
    const start = index * EXT_CONTROL.size;
    switch (control.kind) {
      case 'integer64':
        return this.#entries.readBigInt64LE(start + EXT_CONTROL.at.value64);
      case 'bitmask':
        return this.#entries.readUInt32LE(start + EXT_CONTROL.at.value);
      case 'string':
        return textOf(this.#payloads[index]!);
      case 'compound':
        return this.#payloads[index]!;
      default:
        return this.#entries.readInt32LE(start + EXT_CONTROL.at.value);
    }
  }

  #write(index: number, control: SettableControl, value: number | bigint | string): void {
    const start = index * EXT_CONTROL.size;
    if (control.kind === 'integer64') {
      this.#entries.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)), start + EXT_CONTROL.at.value64);
    } else if (control.kind === 'string') {
      this.#payloads[index]!.write(String(value), 'utf8'); // one that is too long fills it to the end: refused
    } else {
      this.#entries.writeInt32LE(Number(value) | 0, start + EXT_CONTROL.at.value);
    }
  }
}

function payloadBytes(control: Control): number {
  if (control.kind === 'string') return control.maximum + NUL_BYTES;
  return control.kind === 'compound' ? control.elementBytes * control.elements : 0;
}

function textOf(payload: Buffer): string {
  const end = payload.indexOf(0);
  return payload.toString('utf8', 0, end === -1 ? payload.length : end);
}
