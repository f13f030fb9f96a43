import type { Clock } from '../../base/clock.ts';
import type { CamboxError } from '../../base/errors.ts';
import { parseSourceName } from '../../capture/source-name.ts';
import type { Camera } from '../../config/config.ts';
import { isPluggedIn, usbPortOf } from '../../v4l2/usb-port.ts';
import type { StageActions } from './stage-work.ts';
import { resetUsbDevice } from './usb-reset.ts';

export interface CameraStagesDeps {
  readonly clock: Clock;
  /** Where to ask for the reset of a USB device. */
  readonly usbResetSocket: string;
  /** Ask for a restart of the service. Returns why there will be none, or undefined. */
  readonly restartService: (reason: string) => Promise<string | undefined>;
  /** Whether another camera streams now. */
  readonly othersStream: () => boolean;
}

/** The harsher stages of recovery for one camera of the config. */
export function cameraStages({ id, source }: Camera, deps: CameraStagesDeps): StageActions {
  const name = parseSourceName(source);
  if (name.kind !== 'v4l2') {
    const refuse = async (): Promise<string> => `${source} is no camera`;
    return { isThere: async () => true, resetUsb: refuse, restartService: refuse };
  }
  return {
    isThere: () => isPluggedIn(name.camera),
    async resetUsb() {
      const device = await usbPortOf(name.camera);
      if (device === undefined) return `${source} is not on USB`;
      return resetUsbDevice({ device, socket: deps.usbResetSocket, clock: deps.clock });
    },
    async restartService({ message }: CamboxError) {
      if (deps.othersStream()) return 'other cameras stream, and a restart would interrupt them';
      return deps.restartService(`camera ${id}: ${message}`);
    },
  };
}
