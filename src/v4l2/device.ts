import { CamboxError } from '../base/errors.ts';
import { DeviceFile, type OpenRefusal } from '../native/device-file.ts';
import { EBUSY, ENODEV, errnoName } from '../native/errno.ts';
import type { MemoryMap } from '../native/memory-map.ts';
import type { ReadinessWait } from '../native/readiness-wait.ts';
import type { ReadinessHandler } from '../native/readiness-watch.ts';
import { assertAbi } from '../native/struct-layout.ts';
import { type Capabilities, readCapabilities } from './capabilities.ts';
import { describeDeviceNodes } from './device-nodes.ts';
import { busyError, errnoError } from './errors.ts';
import { VIDIOC_QUERYCAP } from './ioctl-numbers.ts';
import { CAPABILITY } from './struct-layouts.ts';

/** The character devices of the kernel's media code: VIDEO_MAJOR in <media/v4l2-dev.h>. */
const VIDEO_MAJOR = 81;

/** What a device is driven through: the kernel's file, or a scripted driver in tests. */
export type DeviceHandle = Pick<
  DeviceFile,
  'path' | 'ioctl' | 'ioctlNow' | 'map' | 'watch' | 'waiter' | typeof Symbol.asyncDispose
>;

/**
 * An open V4L2 device. What can be done with it stands in the files beside (docs/v4l2.md lists them).
 * The kernel lets any number of programs open a device; only one at a time can set its format and stream.
 */
export class V4l2Device implements AsyncDisposable {
  readonly path: string;
  readonly capabilities: Capabilities;
  readonly #file: DeviceHandle;

  private constructor(file: DeviceHandle, capabilities: Capabilities) {
    this.path = file.path;
    this.#file = file;
    this.capabilities = capabilities;
  }

  /**
   * Open a device by its node or any link to it. Throws `not_found` (no such node, or nothing behind it), `unsupported`
   * (not a video device; a CPU other than x64 or arm64), `not_permitted`, `device_failed`.
   */
  static async open(path: string): Promise<V4l2Device> {
    assertAbi();
    const file = await DeviceFile.open(path, VIDEO_MAJOR);
    if (!(file instanceof DeviceFile)) throw await refusalError(path, file);
    return V4l2Device.over(file);
  }

  /** The device behind a handle, of which it becomes the owner. Throws as `open` does. */
  static async over(file: DeviceHandle): Promise<V4l2Device> {
    const bytes = Buffer.alloc(CAPABILITY.size);
    const errno = await file.ioctl(VIDIOC_QUERYCAP, bytes);
    if (errno === 0) return new V4l2Device(file, readCapabilities(bytes));
    await file[Symbol.asyncDispose]();
    throw errnoError('ask the capabilities of', file.path, errno);
  }

  /**
   * An ioctl that may wait for the hardware. Throws with what the errno means; `verb` says what was tried. Returns 0, or
   * one of the errnos that the caller takes for an answer.
   */
  async call(verb: string, request: number, argument: Uint8Array, answers: readonly number[] = []): Promise<number> {
    const errno = await this.#file.ioctl(request, argument);
    if (errno === 0 || answers.includes(errno)) return errno;
    if (errno === EBUSY) throw await busyError(verb, this.path);
    throw errnoError(verb, this.path, errno);
  }

  /** As `call`, but returns 0 or the errno: for questions to which a refusal is an answer. */
  ask(request: number, argument: Uint8Array): Promise<number> {
    return this.#file.ioctl(request, argument);
  }

  /** An ioctl that never waits, on this thread. Returns 0 or the errno. */
  callNow(request: number, argument: Uint8Array): number {
    return this.#file.ioctlNow(request, argument);
  }

  /** Whether the hardware has been unplugged since. */
  isGone(): boolean {
    return this.#file.ioctlNow(VIDIOC_QUERYCAP, Buffer.alloc(CAPABILITY.size)) === ENODEV;
  }

  map(length: number, offset: number): MemoryMap | { readonly errno: number } {
    return this.#file.map(length, offset);
  }

  /** See `DeviceFile.watch`. The device must be streaming, else it breaks at once. */
  watch(handler: ReadinessHandler): Disposable {
    return this.#file.watch(handler);
  }

  /** See `DeviceFile.waiter`: for events, and for the two queues of a codec. */
  waiter(): ReadinessWait {
    return this.#file.waiter();
  }

  /** Close. Resolves once the kernel has let go of the device. Memory maps must be gone before. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#file[Symbol.asyncDispose]();
  }
}

async function refusalError(path: string, refusal: OpenRefusal): Promise<CamboxError> {
  if (refusal.refused === 'other_kind') return otherKindError(path, refusal.found);
  const name = errnoName(refusal.errno);
  switch (name) {
    case 'EISDIR':
      return otherKindError(path, 'a directory');
    case 'EBUSY':
      return busyError('open', path);
    case 'ENOENT':
    case 'ENOTDIR':
      return notFoundError(path, `it does not exist (${name})`);
    case 'ENODEV':
    case 'ENXIO':
      return notFoundError(path, `no device is behind it (${name})`);
    default:
      return errnoError('open', path, refusal.errno);
  }
}

async function otherKindError(path: string, found: string): Promise<CamboxError> {
  const reason = `it is ${found}, not a video device`;
  return new CamboxError('unsupported', { verb: 'open', thing: path, reason, remedy: await describeDeviceNodes() });
}

async function notFoundError(path: string, reason: string): Promise<CamboxError> {
  return new CamboxError('not_found', { verb: 'open', thing: path, reason, remedy: await describeDeviceNodes() });
}
