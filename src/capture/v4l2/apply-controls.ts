import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { monoPlus, usFromMs } from '../../base/units.ts';
import type { Control, NumberControl, SettableControl } from '../../v4l2/control.ts';
import { setControl } from '../../v4l2/control-values.ts';
import { listControls } from '../../v4l2/controls.ts';
import type { V4l2Device } from '../../v4l2/device.ts';
import type { MissedControl } from '../frame-source.ts';

/** A number; true or false of a switch, true of a button; a text, of a menu one of its items. */
export type ControlValue = number | boolean | string;

/** Values by control name: {brightness: 128}. */
export type ControlValues = Readonly<Record<string, ControlValue>>;

/** A USB camera that does not answer takes 5 s for each question, and opening it has 15 s. */
const PATIENCE_MS = 8000;

/**
 * Set controls in the order given (an automatic first, then what it ruled). What the camera changes to the nearest it
 * has, or does not take at all, is logged and returned: a picture with the wrong brightness is better than none. Throws
 * `device_lost` alone.
 */
export async function applyControls(
  device: V4l2Device,
  values: ControlValues,
  clock: Clock,
  logger: Logger,
): Promise<MissedControl[]> {
  const missed: MissedControl[] = [];
  if (Object.keys(values).length === 0) return missed;
  const until = monoPlus(clock.now(), usFromMs(PATIENCE_MS));
  let controls: readonly Control[] | undefined;
  for (const [control, wanted] of Object.entries(values)) {
    try {
      if (clock.now() > until) throw tooSlowError(device);
      controls ??= await listControls(device);
      const { asked, given } = await setOne(device, findControl(device, controls, control), wanted);
      if (given === asked) continue;
      logger.warn('control_adjusted', { control, wanted, given });
      missed.push({ control, wanted, given });
    } catch (thrown) {
      const { code, message: error } = asCamboxError(thrown, 'set a control of', device.path);
      if (code === 'device_lost') throw thrown;
      logger.warn('control_not_set', { control, wanted, error });
      missed.push({ control, wanted, error });
    }
  }
  return missed;
}

const isSettable = (control: Control): control is SettableControl => control.kind !== 'compound';

function findControl(device: V4l2Device, controls: readonly Control[], name: string): SettableControl {
  const settable = controls.filter(isSettable);
  const control = settable.find((candidate) => candidate.name === name);
  if (control !== undefined) return control;
  const shown = settable.map(({ name: known }) => known).join(', ');
  throw new CamboxError('unsupported', {
    verb: 'set a control of',
    thing: device.path,
    reason: 'it has no such control that can be set',
    received: name,
    remedy: shown === '' ? 'It has none' : `It has: ${shown}`,
  });
}

/** What the driver was asked for, and what it made of it. */
interface Setting {
  readonly asked: number | string;
  readonly given: number | string;
}

async function setOne(device: V4l2Device, control: SettableControl, wanted: ControlValue): Promise<Setting> {
  switch (control.kind) {
    case 'string': {
      if (typeof wanted !== 'string') throw otherKindError(device, control, wanted, 'a text');
      return { asked: wanted, given: await setControl(device, control, wanted) };
    }
    case 'integer64': {
      if (typeof wanted !== 'number') throw otherKindError(device, control, wanted, 'a number');
      return { asked: wanted, given: Number(await setControl(device, control, BigInt(wanted))) };
    }
    default: {
      const asked = numberFor(device, control, wanted);
      const within = Math.min(Math.max(asked, control.minimum), control.maximum);
      // as drivers do it; what is beyond 32 bits would not even reach them
      return { asked, given: await setControl(device, control, control.kind === 'integer' ? within : asked) };
    }
  }
}

function numberFor(device: V4l2Device, control: NumberControl, wanted: ControlValue): number {
  switch (control.kind) {
    case 'boolean':
      if (typeof wanted === 'boolean') return Number(wanted);
      if (wanted === 0 || wanted === 1) return wanted;
      throw otherKindError(device, control, wanted, 'true or false');
    case 'button':
      if (wanted === true || wanted === 1) return 1;
      throw otherKindError(device, control, wanted, 'true, which presses it');
    case 'menu':
    case 'integer_menu': {
      const item = control.menu.find(({ label }) => label === wanted);
      if (item !== undefined) return item.value;
      if (typeof wanted === 'number') return wanted;
      const items = control.menu.map(({ value, label }) => `${value} (${label})`).join(', ');
      throw otherKindError(device, control, wanted, `an item of its menu, by number or text: ${items}`);
    }
    default:
      if (typeof wanted === 'number') return wanted;
      throw otherKindError(device, control, wanted, 'a number');
  }
}

function otherKindError(device: V4l2Device, { name }: Control, received: ControlValue, takes: string): CamboxError {
  return new CamboxError('unsupported', {
    verb: `set the control ${name} of`,
    thing: device.path,
    reason: 'it does not take this value',
    received,
    remedy: `It takes ${takes}`,
  });
}

function tooSlowError(device: V4l2Device): CamboxError {
  return new CamboxError('timed_out', {
    verb: 'set a control of',
    thing: device.path,
    reason: `setting those before it took more than ${PATIENCE_MS / 1000} s`,
  });
}
