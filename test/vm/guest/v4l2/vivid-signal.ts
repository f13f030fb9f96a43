import { setControls } from '../../../../src/v4l2/control-values.ts';
import type { V4l2Device } from '../../../../src/v4l2/device.ts';
import { controlNamed } from './vivid-devices.ts';

/** Vivid's inputs. */
export const WEBCAM = 0;
export const HDMI = 3;
/** Items of its menu `dv_timings_signal_mode`. */
export const NO_SIGNAL = 1;
export const OUT_OF_RANGE = 3;
export const SELECTED = 4;
/** Items of its menu `dv_timings`. */
export const VGA_P60 = 0;
export const HD_720P30 = 7;

/** What comes in on its HDMI input, which has to be the one in use. */
export async function setSignal(device: V4l2Device, mode: number, timings: number): Promise<void> {
  await setControls(device, [
    { control: await controlNamed(device, 'dv_timings_signal_mode', 'menu'), value: mode },
    { control: await controlNamed(device, 'dv_timings', 'menu'), value: timings },
  ]);
}
