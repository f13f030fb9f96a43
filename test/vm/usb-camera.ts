import type { Vm } from './vm.ts';

/** Sizes that the simulated camera offers (uvcsim/uvc-device.c). */
export const CAMERA_SIZES = ['640x480', '1280x720', '1920x1080'] as const;
export type CameraSize = (typeof CAMERA_SIZES)[number];

/** The guest's USB camera: uvcsim, behind the guest's own uvcvideo driver. There can be several, with numbers from 1. */
export class UsbCamera {
  /** As udev names it, whatever number its /dev/videoN has. */
  readonly name: string;
  readonly node: string;
  readonly #vm: Vm;
  readonly #port: number;
  readonly #unit: string;
  /** uvcsim's standard input: opened for reading and writing at once, a FIFO neither blocks nor ends. */
  readonly #faults: string;

  constructor(vm: Vm, number = 1) {
    this.name = `cambox_Simulated_UVC_Camera_SIM000${number}`;
    this.node = `/dev/v4l/by-id/usb-${this.name}-video-index0`;
    this.#vm = vm;
    this.#port = number - 1;
    this.#unit = `usb-camera-${number}.service`;
    this.#faults = `/run/usb-camera-${number}.fifo`;
  }

  /** Plugs it in and waits until its node is there. */
  async plug(fps = 30): Promise<void> {
    await this.#vm.sh(`
      modprobe vhci_hcd
      [ -p ${this.#faults} ] || mkfifo ${this.#faults}
      systemctl reset-failed ${this.#unit} 2>/dev/null || :
      systemd-run --quiet --unit=${this.#unit} bash -c 'exec /camera/uvcsim /camera ${fps} ${this.#port} <>${this.#faults}'`);
    await this.#vm.until('the camera has a node', `[ -c ${this.node} ]`, 30);
  }

  /** Pulls it out and waits until its node is gone. */
  async unplug(): Promise<void> {
    await this.inject('unplug');
    await this.#vm.until(
      'the node of the camera is gone',
      `[ ! -e ${this.node} ] && ! systemctl --quiet is-active ${this.#unit}`,
      30,
    );
  }

  /** Injects a fault: a line for uvcsim's standard input (uvcsim/uvcsim.c lists them). */
  async inject(fault: string): Promise<void> {
    await this.#vm.sh(`echo '${fault}' >${this.#faults}`);
  }

  /** Takes the drivers out of the kernel, as they are on a machine that has not seen a camera since it booted. */
  async unloadDrivers(): Promise<void> {
    await this.#vm.sh('modprobe -r uvcvideo videobuf2_memops videodev && ! grep video4linux /proc/devices');
  }
}
