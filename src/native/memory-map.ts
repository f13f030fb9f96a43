import { type Address, deviceCalls } from './device-calls.ts';
import { koffi, lastErrno } from './koffi.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
/** (void *) -1 */
const MAP_FAILED: Address = 2n ** 64n - 1n;

/**
 * A stretch of device memory in our address space (mmap(2), shared). Disposing detaches `bytes` before the memory goes
 * away: a forgotten view then reads as empty (length 0) where it would else be a segmentation fault.
 */
export class MemoryMap implements Disposable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #address: Address;
  readonly #length: number;

  private constructor(address: Address, length: number) {
    this.#address = address;
    this.#length = length;
    this.bytes = new Uint8Array(koffi.view(address, length));
  }

  /** Map `length` bytes of the open file from `offset` on. The map outlives the descriptor (mmap(2)). */
  static of(fd: number, length: number, offset: number): MemoryMap | { readonly errno: number } {
    const address = deviceCalls().mmap(0n, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
    if (address === MAP_FAILED) return { errno: lastErrno() };
    return new MemoryMap(address, length);
  }

  [Symbol.dispose](): void {
    if (this.bytes.buffer.detached) return;
    this.bytes.buffer.transfer(0);
    deviceCalls().munmap(this.#address, this.#length);
  }
}
