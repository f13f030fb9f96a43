import { MAX_SEGMENTS } from './gso-message.ts';
import { addressOf } from './koffi.ts';
import { IOVEC, MMSGHDR, MSGHDR } from './socket-layout.ts';

/** Each datagram is two runs of bytes: its headers and its piece of the picture. */
const RUNS = 2;
const IOVEC_WORDS = IOVEC.size / 4;
const TWO_32 = 2 ** 32;

/**
 * An array of `struct mmsghdr` for sendmmsg(2), in raw memory that is written in place for each send: one system call for
 * many datagrams of any length, where the kernel or the device cannot segment.
 *
 * It holds every buffer that the kernel is given by address but those of the runs: their owner keeps them alive until the
 * send has returned.
 */
export class DatagramBatch {
  readonly #messages = new Uint8Array(MAX_SEGMENTS * MMSGHDR.size);
  readonly #iov = new Uint32Array(MAX_SEGMENTS * RUNS * IOVEC_WORDS);
  /** Held only so that the memory behind msg_name stays alive. */
  readonly #target: Uint8Array;
  readonly #address: number;

  /** `target` is an encoded socket address. */
  constructor(target: Uint8Array) {
    this.#target = target;
    this.#address = Number(addressOf(this.#messages));
    const view = new DataView(this.#messages.buffer);
    const iovAddress = addressOf(new Uint8Array(this.#iov.buffer));
    for (let i = 0; i < MAX_SEGMENTS; i++) {
      const at = i * MMSGHDR.size;
      view.setBigUint64(at + MSGHDR.name, addressOf(this.#target), true);
      view.setUint32(at + MSGHDR.nameLength, target.length, true);
      view.setBigUint64(at + MSGHDR.iov, iovAddress + BigInt(i * RUNS * IOVEC.size), true);
      view.setBigUint64(at + MSGHDR.iovLength, BigInt(RUNS), true);
    }
  }

  /** Address of message i, for `UdpSocket.sendMany`. */
  addressOf(i: number): number {
    return this.#address + i * MMSGHDR.size;
  }

  /** Let message i (below MAX_SEGMENTS) consist of these two runs; one may be empty. */
  set(i: number, headers: number, headersLength: number, payload: number, payloadLength: number): void {
    const at = i * RUNS * IOVEC_WORDS;
    this.#setRun(at, headers, headersLength);
    this.#setRun(at + IOVEC_WORDS, payload, payloadLength);
  }

  #setRun(at: number, address: number, length: number): void {
    const iov = this.#iov;
    iov[at] = address >>> 0;
    iov[at + 1] = (address / TWO_32) | 0;
    iov[at + 2] = length;
    // The upper half of iov_len is never written and stays 0.
  }
}
