import { CamboxError } from '../../base/errors.ts';
import type { V4l2Device } from '../../v4l2/device.ts';
import { type DvTimings, queryDvTimings, type SignalTrouble, setDvTimings } from '../../v4l2/dv-timings.ts';
import { getInput, listInputs } from '../../v4l2/inputs.ts';

/** The signal that a receiver was set to, and on which of its inputs. */
export interface FollowedSignal {
  readonly input: number;
  readonly timings: DvTimings;
}

const REASONS: Readonly<Record<SignalTrouble, string>> = {
  no_signal: 'there is no signal on its input',
  no_lock: 'the signal on its input does not hold still',
  out_of_range: 'the signal on its input is more than it takes',
};

/**
 * Set a receiver with a digital input (HDMI) to the signal that comes in, which it does not do by itself; before the
 * format, which follows from it. Undefined for everything else. Throws `no_signal`, and `device_busy` while another
 * program streams.
 */
export async function followSignal(device: V4l2Device): Promise<FollowedSignal | undefined> {
  const inputs = await listInputs(device);
  if (!inputs.some(({ hasDvTimings }) => hasDvTimings)) return undefined; // a camera: its input need not be asked for
  const current = await getInput(device);
  const input = inputs.find(({ index }) => index === current);
  if (input?.hasDvTimings !== true) return undefined;
  const timings = await queryDvTimings(device);
  if (typeof timings === 'string') {
    throw new CamboxError('no_signal', {
      verb: 'capture from',
      thing: device.path,
      reason: REASONS[timings],
      received: input.name,
      remedy: 'Check the cable and the resolution that is sent; it is picked up when it comes',
    });
  }
  await setDvTimings(device, timings);
  return { input: input.index, timings };
}
