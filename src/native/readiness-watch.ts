import { CamboxError } from '../base/errors.ts';
import { deviceCalls } from './device-calls.ts';
import { errnoName } from './errno.ts';
import { koffi, lastErrno } from './koffi.ts';

export interface ReadinessHandler {
  /** There is something to read. Level-triggered: called again on every turn of the loop until it has been read. */
  readable(): void;
  /**
   * The watch has ended on its own: the kernel reported POLLERR (a camera was unplugged, a stream broke), and the
   * reason must be asked of the device; or `readable` threw, and this is what it threw.
   */
  broke(thrown?: unknown): void;
}

/** koffi's own declaration has these arguments wrong (3.3.4). */
type PollCallback = (status: number, events: { readonly readable: boolean }) => void;

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
/** sizeof(struct epoll_event): 16 on arm64, 12 on x64 where it is packed. */
const EPOLL_EVENT_BYTES = 16;

/**
 * Would epoll take this descriptor? libuv aborts the process, uncatchably, when epoll refuses one (a regular file,
 * /dev/null), so a throw-away epoll instance is asked first. Returns 0 or the errno of the refusal.
 */
function epollRefusal(fd: number): number {
  const calls = deviceCalls();
  const epoll = calls.epollCreate1(EPOLL_CLOEXEC);
  if (epoll === -1) return lastErrno();
  const refused = calls.epollCtl(epoll, EPOLL_CTL_ADD, fd, Buffer.alloc(EPOLL_EVENT_BYTES)) === -1;
  const errno = refused ? lastErrno() : 0;
  calls.close(epoll);
  return errno;
}

/**
 * Tells when a descriptor has something to read, through Node's own event loop: no thread, no timer.
 *
 * One watch per descriptor at a time: a second one would abort the process. `DeviceFile.watch` sees to it; nobody
 * else should construct these.
 */
export class ReadinessWatch implements Disposable {
  /** Held here because the garbage collector would silently stop a handle nobody refers to. */
  #handle: ReturnType<typeof koffi.node.poll> | undefined;

  /** Throws `unsupported` when the descriptor cannot be watched. */
  constructor(fd: number, handler: ReadinessHandler) {
    const refusal = epollRefusal(fd);
    if (refusal !== 0) {
      throw new CamboxError('unsupported', {
        verb: 'watch',
        thing: `file descriptor ${fd}`,
        reason: `epoll refuses it (${errnoName(refusal)})`,
      });
    }
    const callback: PollCallback = (status) => this.#dispatch(status, handler);
    this.#handle = koffi.node.poll(fd, { readable: true }, callback as never);
  }

  /** Nothing may escape from here: koffi would throw it out of the next native call, whichever that is. */
  #dispatch(status: number, handler: ReadinessHandler): void {
    try {
      if (status < 0) this.#broke(handler);
      else handler.readable();
    } catch (thrown) {
      this.#broke(handler, thrown);
    }
  }

  #broke(handler: ReadinessHandler, thrown?: unknown): void {
    this[Symbol.dispose]();
    try {
      handler.broke(thrown);
    } catch (second) {
      queueMicrotask(() => {
        throw second; // a programming error: an uncaught exception with its own stack
      });
    }
  }

  [Symbol.dispose](): void {
    this.#handle?.close();
    this.#handle = undefined;
  }
}
