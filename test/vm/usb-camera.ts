import type { Vm } from './vm.ts';

/** Sizes that the simulated camera offers (uvcsim/uvc-device.c). */
export const CAMERA_SIZES = ['640x480', '1280x720'] as const;
export type CameraSize = (typeof CAMERA_SIZES)[number];

/** The camera as udev names it, whatever number its /dev/videoN has. */
export const CAMERA_NAME = 'cambox_Simulated_UVC_Camera_SIM0001';
const NODE = `/dev/v4l/by-id/usb-${CAMERA_NAME}-video-index0`;

/** uvcsim's standard input: opened for reading and writing at once, a FIFO neither blocks nor ends. */
const FAULTS = '/run/usb-camera.fifo';
const UNIT = 'usb-camera.service';

/** The guest's USB camera: uvcsim, behind the guest's own uvcvideo driver. */
export class UsbCamera {
  readonly node = NODE;
  readonly #vm: Vm;

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  /** Plugs it in and waits until its node is there. */
  async plug(fps = 30): Promise<void> {
    await this.#vm.sh(`
      modprobe vhci_hcd
      [ -p ${FAULTS} ] || mkfifo ${FAULTS}
      systemctl reset-failed ${UNIT} 2>/dev/null || :
      systemd-run --quiet --unit=${UNIT} bash -c 'exec /camera/uvcsim /camera ${fps} <>${FAULTS}'`);
    await this.#vm.until('the camera has a node', `[ -c ${NODE} ]`, 30);
  }

  /** Pulls it out and waits until its node is gone. */
  async unplug(): Promise<void> {
    await this.inject('unplug');
    await this.#vm.until(
      'the node of the camera is gone',
      `[ ! -e ${NODE} ] && ! systemctl --quiet is-active ${UNIT}`,
      30,
    );
  }

  /** Injects a fault: a line for uvcsim's standard input (uvcsim/uvcsim.c lists them). */
  async inject(fault: string): Promise<void> {
    await this.#vm.sh(`echo '${fault}' >${FAULTS}`);
  }

  /** Takes the drivers out of the kernel, as they are on a machine that has not seen a camera since it booted. */
  async unloadDrivers(): Promise<void> {
    await this.#vm.sh('modprobe -r uvcvideo videobuf2_memops videodev && ! grep video4linux /proc/devices');
  }
}
