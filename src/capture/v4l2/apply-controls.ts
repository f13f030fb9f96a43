import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Control, NumberControl } from '../../v4l2/control.ts';
import { setControl } from '../../v4l2/control-values.ts';
import { listControls } from '../../v4l2/controls.ts';
import type { V4l2Device } from '../../v4l2/device.ts';

/** Values by control name: {brightness: 128}. */
export type ControlValues = Readonly<Record<string, number>>;

/**
 * Set controls in the order given (an automatic first, then what it ruled). What the camera changes to the nearest it
 * has, or does not have at all, is logged: a picture with the wrong brightness is better than none. Throws
 * `device_lost` and `device_failed`.
 */
export async function applyControls(device: V4l2Device, values: ControlValues, logger: Logger): Promise<void> {
  if (Object.keys(values).length === 0) return;
  const controls = await listControls(device);
  for (const [name, wanted] of Object.entries(values)) {
    try {
      const given = await setControl(device, findControl(device, controls, name), wanted);
      if (given !== wanted) logger.warn('control_adjusted', { control: name, wanted, given });
    } catch (thrown) {
      if (!(thrown instanceof CamboxError) || thrown.code !== 'unsupported') throw thrown;
      logger.warn('control_not_set', { control: name, wanted, error: thrown.message });
    }
  }
}

const isNumber = (control: Control): control is NumberControl => 'menu' in control;

function findControl(device: V4l2Device, controls: readonly Control[], name: string): NumberControl {
  const numbers = controls.filter(isNumber);
  const control = numbers.find((candidate) => candidate.name === name);
  if (control !== undefined) return control;
  const shown = numbers.map(({ name: known, minimum, maximum }) => `${known} (${minimum} to ${maximum})`);
  throw new CamboxError('unsupported', {
    verb: 'set a control of',
    thing: device.path,
    reason: 'it has no such control with a number for its value',
    received: name,
    remedy: shown.length === 0 ? 'It has none' : `It has: ${shown.join(', ')}`,
  });
}
