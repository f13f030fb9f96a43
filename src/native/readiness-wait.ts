import { CamboxError } from '../base/errors.ts';
import { deviceCalls } from './device-calls.ts';
import { errnoName } from './errno.ts';
import { lastErrno } from './koffi.ts';
import { OwnedDescriptor } from './owned-descriptor.ts';
import { ReadinessWatch } from './readiness-watch.ts';

/** What to wait for: any of these. */
export interface Interest {
  readonly readable?: boolean;
  readonly writable?: boolean;
  /** "Urgent" data (POLLPRI): of a video device, an event. */
  readonly urgent?: boolean;
}

export interface Readiness {
  readonly readable: boolean;
  readonly writable: boolean;
  readonly urgent: boolean;
  /** The kernel reports an error on it, the other end is gone, or it was closed: the reason must be asked of it. */
  readonly broken: boolean;
}

// <sys/epoll.h>
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_MOD = 3;
const EPOLLIN = 0x001;
const EPOLLPRI = 0x002;
const EPOLLOUT = 0x004;
const EPOLLERR = 0x008;
const EPOLLHUP = 0x010;
const EPOLLONESHOT = 0x40000000;
/** sizeof(struct epoll_event): 16 on arm64, 12 on x64 where it is packed; `events` is its first word on both. */
const EPOLL_EVENT_BYTES = 16;

const BROKEN: Readiness = { readable: false, writable: false, urgent: false, broken: true };

/**
 * Waits for a descriptor, one question at a time: a promise where `ReadinessWatch` has a callback. It has an epoll
 * instance of its own, which is what Node's event loop watches. That gives what libuv lacks: priority events, and
 * several waits for one descriptor. Each wait is for once (EPOLLONESHOT), so that a descriptor which stays broken,
 * such as an unplugged camera's, cannot keep the loop spinning.
 */
export class ReadinessWait implements Disposable {
  readonly #fd: number;
  readonly #epoll: OwnedDescriptor;
  readonly #watch: ReadinessWatch;
  readonly #event = Buffer.alloc(EPOLL_EVENT_BYTES);
  #waiting: ((readiness: Readiness) => void) | undefined;
  #disposed = false;

  /** Throws `unsupported` when the descriptor cannot be waited for (a regular file). */
  constructor(fd: number) {
    this.#fd = fd;
    const created = deviceCalls().epollCreate1(EPOLL_CLOEXEC);
    if (created === -1) throw refusal(fd, lastErrno());
    using epoll = new OwnedDescriptor(created);
    if (!this.#control(epoll.fd, EPOLL_CTL_ADD, 0)) throw refusal(fd, lastErrno());
    this.#watch = new ReadinessWatch(epoll.fd, {
      readable: () => this.#collect(),
      broke: (thrown) => {
        this[Symbol.dispose]();
        if (thrown !== undefined) throw thrown; // a programming error
      },
    });
    this.#epoll = epoll.move();
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /**
   * Resolves once one of these is so, or the descriptor is broken. Rejects with the signal's reason when that aborts.
   * One wait at a time.
   */
  async wait(interest: Interest, signal?: AbortSignal): Promise<Readiness> {
    signal?.throwIfAborted();
    if (this.#waiting !== undefined) throw new Error('it is being waited for already');
    const events =
      (interest.readable === true ? EPOLLIN : 0) |
      (interest.writable === true ? EPOLLOUT : 0) |
      (interest.urgent === true ? EPOLLPRI : 0);
    if (this.#disposed || !this.#control(this.#epoll.fd, EPOLL_CTL_MOD, events)) return BROKEN;
    const { promise, resolve, reject } = Promise.withResolvers<Readiness>();
    const abort = (): void => reject(signal?.reason);
    this.#waiting = resolve;
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#waiting = undefined;
    }
  }

  /** A wait under way ends as broken. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#watch[Symbol.dispose]();
    this.#epoll[Symbol.dispose]();
    this.#settle(BROKEN);
  }

  #control(epoll: number, operation: number, events: number): boolean {
    this.#event.fill(0);
    this.#event.writeUInt32LE((events | EPOLLONESHOT) >>> 0);
    return deviceCalls().epollCtl(epoll, operation, this.#fd, this.#event) !== -1;
  }

  #collect(): void {
    // Nothing to collect: of a wait that was given up. What comes without one waiting is forgotten; the next asks anew.
    if (deviceCalls().epollWait(this.#epoll.fd, this.#event, 1, 0) < 1) return;
    const events = this.#event.readUInt32LE();
    this.#settle({
      readable: (events & EPOLLIN) !== 0,
      writable: (events & EPOLLOUT) !== 0,
      urgent: (events & EPOLLPRI) !== 0,
      broken: (events & (EPOLLERR | EPOLLHUP)) !== 0,
    });
  }

  #settle(readiness: Readiness): void {
    this.#waiting?.(readiness);
  }
}

function refusal(fd: number, errno: number): CamboxError {
  return new CamboxError('unsupported', {
    verb: 'wait for',
    thing: `file descriptor ${fd}`,
    reason: `epoll refuses it (${errnoName(errno)})`,
  });
}
