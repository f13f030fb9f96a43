import { CamboxError } from '../base/errors.ts';
import { EACCES, EBUSY, ERANGE } from '../native/errno.ts';
import type { Control, SettableControl, ValueOf } from './control.ts';
import type { V4l2Device } from './device.ts';
import { errnoError } from './errors.ts';
import { type Assignment, ExtControls } from './ext-controls.ts';
import { VIDIOC_G_EXT_CTRLS, VIDIOC_S_EXT_CTRLS, VIDIOC_TRY_EXT_CTRLS } from './ioctl-numbers.ts';

/** The value that a control has. Throws `unsupported` for one that can only be set (a button). */
export async function getControl<C extends Control>(device: V4l2Device, control: C): Promise<ValueOf<C>> {
  const controls = new ExtControls([control]);
  const errno = await device.ask(VIDIOC_G_EXT_CTRLS, controls.bytes);
  if (errno !== 0) throw refusal('ask', device, control, errno);
  return controls.read(0, control);
}

/**
 * Set a control and return what it is then: drivers move a number that is out of range to the nearest they have,
 * without an error. Throws `unsupported` when it cannot be set so, or not now.
 */
export async function setControl<C extends SettableControl>(
  device: V4l2Device,
  control: C,
  value: ValueOf<C>,
): Promise<ValueOf<C>> {
  await apply(device, VIDIOC_S_EXT_CTRLS, [{ control, value }]);
  return control.writeOnly ? value : getControl(device, control);
}

/** What `setControl` would make of a value: nothing is set. */
export async function tryControl<C extends SettableControl>(
  device: V4l2Device,
  control: C,
  value: ValueOf<C>,
): Promise<ValueOf<C>> {
  return (await apply(device, VIDIOC_TRY_EXT_CTRLS, [{ control, value }])).read(0, control);
}

/**
 * Set several controls in one call, which counts for those that belong together (a gain and the automatic that rules
 * it): the driver first checks all, and where one is refused sets none. Returns what each is then, in order.
 */
export async function setControls(
  device: V4l2Device,
  assignments: readonly Assignment[],
): Promise<(number | bigint | string)[]> {
  const applied = await apply(device, VIDIOC_S_EXT_CTRLS, assignments);
  return assignments.map(({ control }, index) => applied.read(index, control));
}

async function apply(device: V4l2Device, request: number, assignments: readonly Assignment[]): Promise<ExtControls> {
  const controls = ExtControls.of(assignments);
  const errno = await device.ask(request, controls.bytes);
  if (errno === 0) return controls;
  // Setting does not tell which one was refused by the check before; trying does.
  if (controls.blamed === undefined) await device.ask(VIDIOC_TRY_EXT_CTRLS, controls.bytes);
  const { blamed } = controls;
  const assignment = assignments.find(({ control }) => control === blamed) ?? assignments[0];
  throw refusal('set', device, assignment?.control, errno, assignment?.value);
}

function refusal(
  verb: 'ask' | 'set',
  device: V4l2Device,
  control: Control | undefined,
  errno: number,
  value?: unknown,
): CamboxError {
  const parts = { verb: `${verb} the control ${control?.name ?? '(none)'} of`, thing: device.path };
  const received = typeof value === 'bigint' ? `${value}` : value;
  switch (errno) {
    case EACCES: {
      if (verb === 'ask') return new CamboxError('unsupported', { ...parts, reason: 'it can only be set (EACCES)' });
      const reason = 'it is read-only, or another control rules it now (EACCES)';
      const remedy = 'Turn off the automatic that rules it first';
      return new CamboxError('unsupported', { ...parts, reason, received, remedy });
    }
    case EBUSY: {
      const reason = 'it is in use (EBUSY): the device streams, or a program with a higher priority has it';
      return new CamboxError('unsupported', { ...parts, reason, received });
    }
    case ERANGE: {
      const remedy = control === undefined ? undefined : describeRange(control);
      const reason = 'it does not take this value (ERANGE)';
      return new CamboxError('unsupported', { ...parts, reason, received, ...(remedy && { remedy }) });
    }
    default:
      return errnoError(parts.verb, parts.thing, errno);
  }
}

function describeRange(control: Control): string {
  if (control.kind === 'string') return `It has ${control.minimum} to ${control.maximum} characters`;
  if ('menu' in control && control.menu.length > 0) {
    return `It has: ${control.menu.map(({ value, label }) => `${value} (${label})`).join(', ')}`;
  }
  return `It goes from ${control.minimum} to ${control.maximum}`;
}
