import { CamboxError } from '../base/errors.ts';
import { ResourceStack } from '../base/resource-stack.ts';
import { EAGAIN, EINVAL, ENODEV, errnoName } from '../native/errno.ts';
import { MemoryMap } from '../native/memory-map.ts';
import type { ReadinessHandler } from '../native/readiness-watch.ts';
import { type CapturedBuffer, readCapturedBuffer } from './captured-buffer.ts';
import type { V4l2Device } from './device.ts';
import { errnoError } from './errors.ts';
import { VIDEO_CAPTURE } from './formats.ts';
import {
  VIDIOC_DQBUF,
  VIDIOC_QBUF,
  VIDIOC_QUERYBUF,
  VIDIOC_REQBUFS,
  VIDIOC_STREAMOFF,
  VIDIOC_STREAMON,
} from './ioctl-numbers.ts';
import { BUFFER, REQUESTBUFFERS } from './struct-layouts.ts';

/** V4L2_MEMORY_MMAP */
const MMAP = 1;
/** Below this a driver has nowhere to put the next picture while we copy one. */
const MIN_BUFFERS = 2;

/** A call of the streaming path failed: the stream is over. */
export interface StreamFault {
  readonly errno: number;
}

export type DequeueOutcome = CapturedBuffer | 'empty' | StreamFault;

/**
 * Streaming through memory-mapped buffers (Documentation/userspace-api/media/v4l/mmap.rst). The driver owns a buffer
 * from `requeue` (or `start`) until `dequeue` hands it out.
 */
export class MmapStream implements AsyncDisposable {
  readonly #device: V4l2Device;
  readonly #maps: readonly MemoryMap[];
  readonly #closers: ResourceStack;
  /** One struct v4l2_buffer for all calls: at 30 pictures a second, times two calls, garbage adds up. */
  readonly #buffer = Buffer.alloc(BUFFER.size);
  readonly #memory = (index: number): Uint8Array => this.#maps[index]!.bytes;
  #started = false;

  private constructor(device: V4l2Device, maps: readonly MemoryMap[], closers: ResourceStack) {
    this.#device = device;
    this.#maps = maps;
    this.#closers = closers;
  }

  /**
   * Allocate and map buffers for the format in force. The driver may give more or fewer than asked for. Throws
   * `device_busy` while another program streams. The device must outlive the stream.
   */
  static async open(device: V4l2Device, bufferCount: number): Promise<MmapStream> {
    await using opening = new ResourceStack();
    const count = await requestBuffers(device, bufferCount);
    // The device may be gone by then, and its buffers with it: no answer is a failure.
    opening.defer(async () => void (await freeBuffers(device)));
    if (count < MIN_BUFFERS) {
      throw new CamboxError('device_failed', {
        verb: 'stream from',
        thing: device.path,
        reason: `the driver gives fewer than ${MIN_BUFFERS} buffers`,
        received: count,
        remedy: 'Ask for smaller pictures, or free memory',
      });
    }
    const maps: MemoryMap[] = [];
    for (let index = 0; index < count; index++) maps.push(opening.use(await mapBuffer(device, index)));
    return new MmapStream(device, maps, opening.move());
  }

  get bufferCount(): number {
    return this.#maps.length;
  }

  /** Give all buffers to the driver and start. */
  async start(): Promise<void> {
    for (const index of this.#maps.keys()) {
      const errno = this.requeue(index);
      if (errno !== 0) throw errnoError('queue a buffer of', this.#device.path, errno);
    }
    this.#started = true;
    await this.#device.call('start streaming from', VIDIOC_STREAMON, streamingType());
  }

  /** The oldest filled buffer, if there is one. Never waits. */
  dequeue(): DequeueOutcome {
    this.#prepare(0);
    const errno = this.#device.callNow(VIDIOC_DQBUF, this.#buffer);
    if (errno === EAGAIN) return 'empty';
    if (errno !== 0) return { errno };
    return readCapturedBuffer(this.#buffer, this.#memory);
  }

  /** Give a buffer back to the driver; its bytes must not be looked at after that. Returns 0 or the errno. */
  requeue(index: number): number {
    this.#prepare(index);
    return this.#device.callNow(VIDIOC_QBUF, this.#buffer);
  }

  /** What a fault means: `device_lost` when the device is gone, else `device_failed`. */
  explain(fault: StreamFault): CamboxError {
    const { path } = this.#device;
    // EINVAL is "not streaming", said of a device that is being unplugged; EIO may be said of one just before ENODEV.
    const isGone = fault.errno === ENODEV || fault.errno === EINVAL || this.#device.isGone();
    return isGone ? errnoError('capture from', path, ENODEV) : errnoError('capture from', path, fault.errno);
  }

  /** Be told when a buffer is filled. Call after `start`: the kernel reports an error for a stream that is off. */
  watch(handler: ReadinessHandler): Disposable {
    return this.#device.watch(handler);
  }

  /** Stop. All buffers come back to us, filled or not. An unplugged device has stopped already: no failure. */
  async stop(): Promise<void> {
    if (!this.#started) return;
    this.#started = false;
    await this.#device.ask(VIDIOC_STREAMOFF, streamingType());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#closers[Symbol.asyncDispose]();
  }

  #prepare(index: number): void {
    const { at } = BUFFER;
    this.#buffer.fill(0);
    this.#buffer.writeUInt32LE(index, at.index);
    this.#buffer.writeUInt32LE(VIDEO_CAPTURE, at.type);
    this.#buffer.writeUInt32LE(MMAP, at.memory);
  }
}

function streamingType(): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(VIDEO_CAPTURE);
  return bytes;
}

function bufferRequest(count: number): Buffer {
  const { at } = REQUESTBUFFERS;
  const bytes = Buffer.alloc(REQUESTBUFFERS.size);
  bytes.writeUInt32LE(count, at.count);
  bytes.writeUInt32LE(VIDEO_CAPTURE, at.type);
  bytes.writeUInt32LE(MMAP, at.memory);
  return bytes;
}

async function requestBuffers(device: V4l2Device, count: number): Promise<number> {
  const bytes = bufferRequest(count);
  await device.call('get buffers from', VIDIOC_REQBUFS, bytes);
  return bytes.readUInt32LE(REQUESTBUFFERS.at.count);
}

/** Zero buffers frees those there are, and lets other programs stream. */
const freeBuffers = (device: V4l2Device): Promise<number> => device.ask(VIDIOC_REQBUFS, bufferRequest(0));

async function mapBuffer(device: V4l2Device, index: number): Promise<MemoryMap> {
  const { at } = BUFFER;
  const bytes = Buffer.alloc(BUFFER.size);
  bytes.writeUInt32LE(index, at.index);
  bytes.writeUInt32LE(VIDEO_CAPTURE, at.type);
  bytes.writeUInt32LE(MMAP, at.memory);
  await device.call('ask for a buffer of', VIDIOC_QUERYBUF, bytes);
  const map = device.map(bytes.readUInt32LE(at.length), bytes.readUInt32LE(at['m.offset']));
  if (map instanceof MemoryMap) return map;
  throw new CamboxError('device_failed', {
    verb: 'map a buffer of',
    thing: device.path,
    reason: `mmap failed (${errnoName(map.errno)})`,
    received: bytes.readUInt32LE(at.length),
  });
}
