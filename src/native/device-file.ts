import { constants, fstatSync, type Stats } from 'node:fs';
import { callAsync } from './call-async.ts';
import { deviceCalls } from './device-calls.ts';
import { EINTR } from './errno.ts';
import { lastErrno } from './koffi.ts';
import { MemoryMap } from './memory-map.ts';
import { ReadinessWait } from './readiness-wait.ts';
import { type ReadinessHandler, ReadinessWatch } from './readiness-watch.ts';

/** O_CLOEXEC of Linux x64 and arm64 (Node's constants lack it): our child processes must not hold the camera. */
const O_CLOEXEC = 0o2000000;

export type OpenRefusal =
  /** open(2) failed. */
  | { readonly refused: 'errno'; readonly errno: number }
  /** It opened, and was closed again, as it is no character device of the wanted kind. */
  | { readonly refused: 'other_kind'; readonly found: string };

/**
 * An open character device: the owner of its descriptor. Disposing closes it; it waits for calls under way, so that
 * none of them can hit a descriptor number that something else has got since.
 */
export class DeviceFile implements AsyncDisposable {
  readonly path: string;
  #fd: number;
  #lastCall: Promise<unknown> = Promise.resolve();
  #watch: ReadinessWatch | undefined;
  /** Those in use: one for each thing that somebody waits for, two or three. */
  #waits: ReadinessWait[] = [];
  #closed: Promise<void> | undefined;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  /**
   * Open `path` for reading and writing, non-blocking. `major` is the device number's major part that makes it a
   * device of the wanted kind (81 for cameras): driving ioctls into anything else could do harm.
   */
  static async open(path: string, major: number): Promise<DeviceFile | OpenRefusal> {
    const flags = constants.O_RDWR | constants.O_NONBLOCK | O_CLOEXEC;
    const opened = await callAsync(deviceCalls().open, path, flags, 0);
    if (opened.result === -1) return { refused: 'errno', errno: opened.errno };
    const file = new DeviceFile(path, opened.result);
    const stats = fstatSync(opened.result);
    if (stats.isCharacterDevice() && majorOf(stats) === major) return file;
    await file[Symbol.asyncDispose]();
    return { refused: 'other_kind', found: kindOf(stats) };
  }

  /**
   * An ioctl(2) that may wait for the hardware, on a pool thread; one at a time. `argument` is read and written in
   * place. Returns 0 or the errno.
   */
  ioctl(request: number, argument: Uint8Array): Promise<number> {
    const call = this.#lastCall.then(async () => {
      for (;;) {
        const { result, errno } = await callAsync(deviceCalls().ioctl, this.#fd, request, argument);
        if (result !== -1) return 0;
        if (errno !== EINTR) return errno;
      }
    });
    this.#lastCall = Promise.allSettled([call]);
    return call;
  }

  /** An ioctl(2) that never waits (queueing and dequeueing buffers), on this thread. Returns 0 or the errno. */
  ioctlNow(request: number, argument: Uint8Array): number {
    for (;;) {
      if (deviceCalls().ioctl(this.#fd, request, argument) !== -1) return 0;
      const errno = lastErrno();
      if (errno !== EINTR) return errno;
    }
  }

  map(length: number, offset: number): MemoryMap | { readonly errno: number } {
    return MemoryMap.of(this.#fd, length, offset);
  }

  /**
   * Call the handler when there is something to read, until the returned watch is disposed or breaks. One at a time:
   * a second watch of one descriptor would abort the process, so it throws here.
   */
  watch(handler: ReadinessHandler): Disposable {
    if (this.#watch !== undefined) throw new Error(`${this.path} is watched already`);
    const watch = new ReadinessWatch(this.#fd, {
      readable: () => handler.readable(),
      broke: (thrown) => {
        this.#watch = undefined;
        handler.broke(thrown);
      },
    });
    this.#watch = watch;
    return {
      [Symbol.dispose]: () => {
        watch[Symbol.dispose]();
        if (this.#watch === watch) this.#watch = undefined;
      },
    };
  }

  /**
   * A way to wait for what `watch` cannot: priority events, or room to write. Any number of them, beside a watch. It is
   * disposed of with the file at the latest.
   */
  waiter(): ReadinessWait {
    const wait = new ReadinessWait(this.#fd);
    this.#waits = [...this.#waits.filter(({ disposed }) => !disposed), wait];
    return wait;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = -1; // whoever comes late gets EBADF
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    for (const wait of this.#waits) wait[Symbol.dispose]();
    await this.#lastCall;
    await callAsync(deviceCalls().close, fd);
  }
}

/** gnu_dev_major(3) for majors below 4096; larger ones do not exist for character devices (CHRDEV_MAJOR_MAX 512). */
const majorOf = (stats: Stats): number => (stats.rdev >>> 8) & 0xfff;

function kindOf(stats: Stats): string {
  if (stats.isCharacterDevice()) return `a character device of major ${majorOf(stats)}`;
  if (stats.isFile()) return 'a regular file';
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isBlockDevice()) return 'a block device';
  return 'another kind of file';
}
