import type { Vm } from './vm.ts';

/** The kernel's own test camera: raw pictures, and errors at the press of a button. */
export class VividCamera {
  readonly node = '/dev/v4l/by-path/platform-vivid.0-video-index0';
  readonly #vm: Vm;

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  async plug(): Promise<void> {
    await this.#vm.sh('modprobe vivid n_devs=1 node_types=0x1 multiplanar=1');
    await this.#vm.until('vivid has a node', `[ -c ${this.node} ]`, 30);
  }

  /** Press one of its buttons (`v4l2-ctl --list-ctrls`). */
  async press(button: string): Promise<void> {
    await this.#vm.sh(`v4l2-ctl --device ${this.node} --set-ctrl ${button}=1`);
  }
}
