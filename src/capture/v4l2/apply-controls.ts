import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type Control, listControls, setControl } from '../../v4l2/controls.ts';
import type { V4l2Device } from '../../v4l2/device.ts';

/** Values by control name: {brightness: 128}. */
export type ControlValues = Readonly<Record<string, number>>;

/**
 * Set controls in the order given (an automatic first, then what it ruled). A value the camera changes to the nearest
 * it has is logged. Throws `unsupported` for a control that it does not have, or that cannot be set.
 */
export async function applyControls(device: V4l2Device, values: ControlValues, logger: Logger): Promise<void> {
  if (Object.keys(values).length === 0) return;
  const controls = await listControls(device);
  for (const [name, value] of Object.entries(values)) {
    const control = controls.find((candidate) => candidate.name === name);
    if (control === undefined || control.readOnly) throw noControlError(device, name, controls);
    const given = await setControl(device, control, value);
    if (given !== value) logger.warn('control_adjusted', { control: name, wanted: value, given });
  }
}

function noControlError(device: V4l2Device, name: string, controls: readonly Control[]): CamboxError {
  const shown = controls
    .filter((control) => !control.readOnly)
    .map((control) => `${control.name} (${control.minimum} to ${control.maximum})`);
  return new CamboxError('unsupported', {
    verb: 'set a control of',
    thing: device.path,
    reason: 'it has no such control that can be set',
    received: name,
    remedy: `It has: ${shown.join(', ')}`,
  });
}
