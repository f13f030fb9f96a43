import { deviceCalls } from './device-calls.ts';

/** An open file descriptor that the kernel has handed us. Disposing closes it, once. */
export class OwnedDescriptor implements Disposable {
  #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** -1 once disposed of or moved. */
  get fd(): number {
    return this.#fd;
  }

  /** To a new owner; this one becomes empty. */
  move(): OwnedDescriptor {
    const moved = new OwnedDescriptor(this.#fd);
    this.#fd = -1;
    return moved;
  }

  [Symbol.dispose](): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd !== -1) deviceCalls().close(fd);
  }
}
