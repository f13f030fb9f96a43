import { deviceCalls } from './device-calls.ts';

/** An open file descriptor that the kernel has handed us. Disposing closes it, once. */
export class OwnedDescriptor implements Disposable {
  #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** -1 once disposed of. */
  get fd(): number {
    return this.#fd;
  }

  [Symbol.dispose](): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd !== -1) deviceCalls().close(fd);
  }
}
