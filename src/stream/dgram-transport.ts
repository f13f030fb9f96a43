import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { type MonoUs, monoPlus, usFromSeconds } from '../base/units.ts';
import type { Frame } from '../frame/frame.ts';
import type { SocketAddress } from '../native/socket-address.ts';
import type { PacketPlan } from '../rtp/packet-plan.ts';
import { SEND_BUFFER_BYTES, type SendReport, type UdpTransport } from './udp-transport.ts';

/** Packets that may wait inside libuv when the kernel's buffer is full; more are given up as EAGAIN. */
const MAX_QUEUED_PACKETS = 64;
/** A socket that cannot reach its peer is opened anew at most this often. */
const REOPEN_US = usFromSeconds(1);
/** The peer does not listen, or our buffers are full: the socket itself is well. Anything else asks for a new one. */
const KEEPS_SOCKET: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EAGAIN', 'ENOBUFS']);

type State =
  | { readonly is: 'connecting' | 'connected'; readonly socket: Socket }
  /** `errno`: why the last socket was given up. */
  | { readonly is: 'down'; readonly errno: string }
  | { readonly is: 'closed' };

/**
 * The fallback where the kernel or the network device cannot segment: one system call a packet through node:dgram. The
 * socket is connected, or Node would look the address up for every packet; when sending fails for want of a route or of
 * its source address it is replaced, so that it follows a network that changes.
 */
export class DgramTransport implements UdpTransport {
  readonly kind = 'dgram';
  readonly #target: SocketAddress;
  readonly #report: SendReport;
  readonly #clock: Clock;
  #state: State = { is: 'down', errno: 'ENOTCONN' };
  #reopenAt: MonoUs;
  /** Wakes `open` when the first attempt to connect is over. */
  #settled: () => void = () => undefined;

  private constructor(target: SocketAddress, report: SendReport, clock: Clock) {
    this.#target = target;
    this.#report = report;
    this.#clock = clock;
    this.#reopenAt = clock.now();
  }

  /** Resolves when the socket is connected, or when connecting failed: then sending tries again later. */
  static async open(target: SocketAddress, report: SendReport, clock: Clock): Promise<DgramTransport> {
    const transport = new DgramTransport(target, report, clock);
    await new Promise<void>((resolve) => {
      transport.#settled = resolve;
      transport.#connect();
    });
    return transport;
  }

  localAddress(): string | undefined {
    return this.#state.is === 'connected' ? this.#state.socket.address().address : undefined;
  }

  send(frame: Frame, plan: PacketPlan, first: number, count: number): boolean {
    if (this.#state.is === 'connected') this.#hand(this.#state.socket, frame, plan, first, count);
    else this.#report.failed(this.#state.is === 'down' ? this.#state.errno : 'ENOTCONN', count);
    if (this.#state.is === 'down' && this.#clock.now() >= this.#reopenAt) this.#connect();
    return true;
  }

  /**
   * Give packets to libuv, which sends them at once or, when the kernel's buffer is full, keeps pointers to them: so
   * the headers are copied and the frame is retained until the last packet is out.
   */
  #hand(socket: Socket, frame: Frame, plan: PacketPlan, first: number, count: number): void {
    const last = first + count - 1;
    const blockStart = plan.headerAt[first]!;
    const headers = plan.headers.slice(blockStart, plan.headerAt[last]! + plan.headerLength[last]!);
    let pending = 1;
    frame.retain();
    const finish = (): void => {
      pending -= 1;
      if (pending === 0) frame.release();
    };
    const onSent = (error: Error | null, octets: number): void => {
      if (error === null) this.#report.sent(1, octets);
      else this.#fail(socket, error, 1);
      finish();
    };
    for (let i = first; i <= last; i++) {
      if (socket.getSendQueueCount() >= MAX_QUEUED_PACKETS) {
        this.#report.failed('EAGAIN', last - i + 1);
        break;
      }
      const headerAt = plan.headerAt[i]! - blockStart;
      const payloadAt = plan.payloadAt[i]!;
      const octets = plan.octets[i]!;
      pending += 1;
      socket.send(
        [
          headers.subarray(headerAt, headerAt + plan.headerLength[i]!),
          frame.bytes.subarray(payloadAt, payloadAt + plan.payloadLength[i]!),
        ],
        (error) => onSent(error, octets),
      );
    }
    finish();
  }

  #connect(): void {
    const { address, port } = this.#target;
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    this.#state = { is: 'connecting', socket };
    this.#reopenAt = monoPlus(this.#clock.now(), REOPEN_US);
    socket.on('error', (error) => this.#fail(socket, error, 0));
    socket.on('connect', () => {
      if (this.#state.is !== 'connecting' || this.#state.socket !== socket) return;
      this.#state = { is: 'connected', socket };
      this.#settled();
    });
    socket.on('listening', () => socket.setSendBufferSize(SEND_BUFFER_BYTES));
    socket.connect(port, address);
  }

  #fail(socket: Socket, error: Error, unsent: number): void {
    const errno = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
    this.#report.failed(errno, unsent);
    const isCurrent = 'socket' in this.#state && this.#state.socket === socket;
    if (!isCurrent || KEEPS_SOCKET.has(errno)) return;
    this.#state = { is: 'down', errno };
    socket.close();
    this.#settled();
  }

  /** Resolves when the socket is closed and no frame is held for it any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    const state = this.#state;
    this.#state = { is: 'closed' };
    if ('socket' in state) await new Promise<void>((resolve) => state.socket.close(() => resolve()));
  }
}
