import { CamboxError } from '../base/errors.ts';
import { ResourceStack } from '../base/resource-stack.ts';
import { ENOENT } from '../native/errno.ts';
import type { ReadinessWait } from '../native/readiness-wait.ts';
import type { V4l2Device } from './device.ts';
import { errnoError } from './errors.ts';
import { type EventRequest, encodeSubscription, eventSequence, readEvent, type V4l2Event } from './event.ts';
import { VIDIOC_DQEVENT, VIDIOC_SUBSCRIBE_EVENT, VIDIOC_UNSUBSCRIBE_EVENT } from './ioctl-numbers.ts';
import { EVENT } from './struct-layouts.ts';

/**
 * The events of a device, through one handle of it (Documentation/userspace-api/media/v4l/vidioc-dqevent.rst). No
 * thread waits for them, and streaming goes on beside. One queue per open device: two would take each other's events.
 */
export class EventQueue implements AsyncDisposable {
  readonly #device: V4l2Device;
  readonly #wait: ReadinessWait;
  readonly #closers: ResourceStack;
  #lastSequence: number | undefined;

  private constructor(device: V4l2Device, wait: ReadinessWait, closers: ResourceStack) {
    this.#device = device;
    this.#wait = wait;
    this.#closers = closers;
  }

  /** Subscribe. Throws `unsupported` when the driver does not have one of the events. */
  static async open(device: V4l2Device, requests: readonly EventRequest[]): Promise<EventQueue> {
    await using opening = new ResourceStack();
    for (const request of requests) {
      const subscription = encodeSubscription(request);
      await device.call(`subscribe to the ${request.type} events of`, VIDIOC_SUBSCRIBE_EVENT, subscription);
      // An unplugged device has none left to unsubscribe from.
      opening.defer(async () => void (await device.ask(VIDIOC_UNSUBSCRIBE_EVENT, subscription)));
    }
    const wait = opening.use(device.waiter());
    return new EventQueue(device, wait, opening.move());
  }

  /** The oldest event, if there is one. Never waits. Throws `device_lost` and `device_failed`. */
  next(): V4l2Event | undefined {
    for (;;) {
      const bytes = Buffer.alloc(EVENT.size);
      const errno = this.#device.callNow(VIDIOC_DQEVENT, bytes);
      if (errno === ENOENT) return undefined;
      if (errno !== 0) throw errnoError('take an event from', this.#device.path, errno);
      const event = readEvent(bytes, this.#lostBefore(eventSequence(bytes)));
      if (event !== undefined) return event;
    }
  }

  /**
   * The events as they come, until the signal is aborted or the queue is disposed of. Throws `device_lost` when the
   * device is unplugged, which it tells at once, whether or not it streams.
   */
  async *events(signal: AbortSignal): AsyncGenerator<V4l2Event, void, undefined> {
    while (!signal.aborted && !this.#wait.disposed) {
      const event = this.next();
      if (event !== undefined) yield event;
      else if (!(await this.#untilNext(signal))) return;
    }
  }

  /** Unsubscribe. An iteration under way ends. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closers[Symbol.asyncDispose]();
  }

  /** False when there will be none. */
  async #untilNext(signal: AbortSignal): Promise<boolean> {
    try {
      const { urgent, broken } = await this.#wait.wait({ urgent: true }, signal);
      if (!broken || this.#wait.disposed) return !this.#wait.disposed;
      if (urgent || this.#device.isGone()) return true; // the next call tells
      const reason = 'the kernel reports an error on it';
      throw new CamboxError('device_failed', { verb: 'take an event from', thing: this.#device.path, reason });
    } catch (thrown) {
      if (signal.aborted && thrown === signal.reason) return false;
      throw thrown;
    }
  }

  #lostBefore(sequence: number): number {
    const last = this.#lastSequence;
    this.#lastSequence = sequence;
    return last === undefined ? 0 : (sequence - last - 1) >>> 0;
  }
}
