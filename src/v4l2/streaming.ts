import { CamboxError } from '../base/errors.ts';
import { ENODEV, errnoName } from '../native/errno.ts';
import type { OwnedDescriptor } from '../native/owned-descriptor.ts';
import type { ReadinessHandler } from '../native/readiness-watch.ts';
import { BufferQueue, type DequeueOutcome, type StreamFault } from './buffer-queue.ts';
import { captureType } from './buffer-type.ts';
import type { V4l2Device } from './device.ts';
import { errnoError } from './errors.ts';

export type { DequeueOutcome, StreamFault } from './buffer-queue.ts';

const DEFAULT_BUFFERS = 4;
/** Below this a driver has nowhere to put the next picture while we copy one. */
const MIN_BUFFERS = 2;

/** The pictures of a camera, through memory-mapped buffers. */
export class MmapStream implements AsyncDisposable {
  readonly #device: V4l2Device;
  readonly #queue: BufferQueue;

  private constructor(device: V4l2Device, queue: BufferQueue) {
    this.#device = device;
    this.#queue = queue;
  }

  /**
   * Allocate and map buffers for the format in force. The driver may give more or fewer than asked for. Throws
   * `device_busy` while another program streams. The device must outlive the stream.
   */
  static async open(device: V4l2Device, bufferCount = DEFAULT_BUFFERS): Promise<MmapStream> {
    const queue = await BufferQueue.open(device, captureType(device.capabilities), bufferCount);
    if (queue.count >= MIN_BUFFERS) return new MmapStream(device, queue);
    await queue[Symbol.asyncDispose]();
    throw new CamboxError('device_failed', {
      verb: 'stream from',
      thing: device.path,
      reason: `the driver gives fewer than ${MIN_BUFFERS} buffers`,
      received: queue.count,
      remedy: 'Ask for smaller pictures, or free memory',
    });
  }

  get bufferCount(): number {
    return this.#queue.count;
  }

  /** Give all buffers to the driver and start. */
  async start(): Promise<void> {
    for (let index = 0; index < this.#queue.count; index++) {
      const errno = this.requeue(index);
      if (errno !== 0) throw errnoError('queue a buffer of', this.#device.path, errno);
    }
    await this.#queue.start();
  }

  /** The oldest filled buffer, if there is one. Never waits. */
  dequeue(): DequeueOutcome {
    return this.#queue.dequeue();
  }

  /** Give a buffer back to the driver; its bytes must not be looked at after that. Returns 0 or the errno. */
  requeue(index: number): number {
    return this.#queue.queue(index);
  }

  /** What a fault means: `device_lost` when the device is gone, else `device_failed`. */
  explain(fault: StreamFault): CamboxError {
    return explainFault(this.#device, 'capture from', fault);
  }

  /** Be told when a buffer is filled. Call after `start`: the kernel reports an error for a stream that is off. */
  watch(handler: ReadinessHandler): Disposable {
    return this.#device.watch(handler);
  }

  /** See `BufferQueue.exportPlane`. */
  exportPlane(index: number, plane = 0): Promise<OwnedDescriptor> {
    return this.#queue.exportPlane(index, plane);
  }

  /** Stop. All buffers come back to us, filled or not. An unplugged device has stopped already: no failure. */
  stop(): Promise<void> {
    return this.#queue.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#queue[Symbol.asyncDispose]();
  }
}

/**
 * What a failed call of a stream means: `device_lost` when the device is gone, else `device_failed`. A device that is
 * being unplugged may answer EINVAL ("not streaming") or EIO before it answers ENODEV, so it is asked once more.
 */
export function explainFault(device: V4l2Device, verb: string, { errno }: StreamFault): CamboxError {
  if (errno === ENODEV || device.isGone()) return errnoError(verb, device.path, ENODEV);
  const reason = `the driver broke the stream off (${errnoName(errno)})`;
  return new CamboxError('device_failed', { verb, thing: device.path, reason });
}
