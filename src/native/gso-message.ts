import { addressOf } from './koffi.ts';
import { CMSGHDR, IOVEC, MSGHDR } from './socket-layout.ts';
import { UDP_SEGMENT } from './socket-options.ts';

/** UDP_MAX_SEGMENTS of Linux 4.18 to 6.8 (include/linux/udp.h); later kernels take 128. */
export const MAX_SEGMENTS = 64;
/** The largest UDP payload over IPv4: 65535 - 20 (IP header) - 8 (UDP header). */
export const MAX_UDP_PAYLOAD = 65535 - 20 - 8;
/** Each packet is two runs of bytes: its headers and its piece of the picture. */
const RUNS_PER_SEGMENT = 2;

/** CMSG_SPACE(sizeof(uint16_t)): the header and the value, padded to 8 bytes. */
const CONTROL_BYTES = CMSGHDR.size + 8;
/** CMSG_LEN(sizeof(uint16_t)). */
const CONTROL_LENGTH = CMSGHDR.size + 2;
/** Multiplying is quicker than dividing, and as exact. */
const ONE_OF_TWO_32 = 2 ** -32;

/**
 * A `struct msghdr` with its iovec array and a UDP_SEGMENT control message (udp(7)), in raw memory that is written in
 * place for each send: nothing is allocated per packet. The kernel cuts the bytes of all runs, taken together, into
 * datagrams of `segmentBytes`, the last one shorter.
 *
 * It holds every buffer that the kernel is given by address but those of the runs: their owner keeps them alive until
 * the send has returned.
 */
export class GsoMessage {
  readonly #header = new Uint8Array(MSGHDR.size);
  readonly #headerView = new DataView(this.#header.buffer);
  readonly #iov = new Uint32Array((MAX_SEGMENTS * RUNS_PER_SEGMENT * IOVEC.size) / 4);
  readonly #control = new Uint8Array(CONTROL_BYTES);
  readonly #controlView = new DataView(this.#control.buffer);
  /** Held only so that the memory behind msg_name stays alive. */
  readonly #target: Uint8Array;
  #runs = 0;

  /** Address of the `struct msghdr`, for `UdpSocket.send`. */
  readonly address: number;

  /** `target` is an encoded socket address. */
  constructor(target: Uint8Array) {
    this.#target = target;
    this.address = Number(addressOf(this.#header));
    writeAddress(this.#headerView, MSGHDR.name, addressOf(this.#target));
    this.#headerView.setUint32(MSGHDR.nameLength, target.length, true);
    writeAddress(this.#headerView, MSGHDR.iov, addressOf(new Uint8Array(this.#iov.buffer)));
    writeAddress(this.#headerView, MSGHDR.control, addressOf(this.#control));
    const [level, type] = UDP_SEGMENT;
    this.#controlView.setBigUint64(CMSGHDR.length, BigInt(CONTROL_LENGTH), true);
    this.#controlView.setInt32(CMSGHDR.level, level, true);
    this.#controlView.setInt32(CMSGHDR.type, type, true);
  }

  /** Forget the runs of the last send. */
  begin(): void {
    this.#runs = 0;
  }

  /** Add `length` bytes at `address`. At most MAX_SEGMENTS * 2 runs. */
  add(address: number, length: number): void {
    const at = this.#runs * (IOVEC.size / 4);
    const iov = this.#iov;
    iov[at] = address >>> 0;
    iov[at + 1] = (address * ONE_OF_TWO_32) | 0;
    iov[at + 2] = length;
    // The upper half of iov_len is never written and stays 0.
    this.#runs += 1;
  }

  /** Complete the header: cut into datagrams of `segmentBytes`. */
  end(segmentBytes: number): void {
    this.#controlView.setUint16(CMSGHDR.size, segmentBytes, true);
    this.#headerView.setUint32(MSGHDR.iovLength, this.#runs, true);
    this.#headerView.setUint32(MSGHDR.controlLength, CONTROL_BYTES, true);
  }
}

function writeAddress(view: DataView, at: number, address: bigint): void {
  view.setBigUint64(at, address, true);
}

/**
 * Addresses of bytes as plain numbers (user space ends below 2^53). The address of an ArrayBuffer is asked for once, after
 * that it is an addition, as long as the bytes come from the same one: so use one of these for each kind of bytes.
 */
export class BufferAddresses {
  #buffer: ArrayBufferLike | undefined;
  #base = 0;

  of(bytes: Uint8Array): number {
    const { buffer } = bytes;
    if (buffer !== this.#buffer) {
      this.#base = Number(addressOf(new Uint8Array(buffer)));
      this.#buffer = buffer;
    }
    return this.#base + bytes.byteOffset;
  }
}
