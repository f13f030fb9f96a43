import { CamboxError } from '../base/errors.ts';
import { ResourceStack } from '../base/resource-stack.ts';
import { EAGAIN, errnoName } from '../native/errno.ts';
import { MemoryMap } from '../native/memory-map.ts';
import { OwnedDescriptor } from '../native/owned-descriptor.ts';
import { BufferStruct, type PlaneLocation } from './buffer-struct.ts';
import { type BufferType, bufferTypeCode } from './buffer-type.ts';
import { type CapturedBuffer, readCapturedBuffer } from './captured-buffer.ts';
import type { V4l2Device } from './device.ts';
import {
  VIDIOC_DQBUF,
  VIDIOC_EXPBUF,
  VIDIOC_QBUF,
  VIDIOC_QUERYBUF,
  VIDIOC_REQBUFS,
  VIDIOC_STREAMOFF,
  VIDIOC_STREAMON,
} from './ioctl-numbers.ts';
import { V4L2_MEMORY_MMAP } from './kernel-constants.ts';
import { EXPORTBUFFER, REQUESTBUFFERS } from './struct-layouts.ts';

/** A call of the streaming path failed: the stream is over. */
export interface StreamFault {
  readonly errno: number;
}

export type DequeueOutcome = CapturedBuffer | 'empty' | StreamFault;

/** O_RDWR, as some importers want to write; O_CLOEXEC, as it is for us to hand on, not for every child to inherit. */
const EXPORT_FLAGS = 0o2000002;

/**
 * One of a device's queues with its buffers, allocated by the driver and mapped into our memory
 * (Documentation/userspace-api/media/v4l/mmap.rst). A buffer belongs to the driver from `queue` until `dequeue` hands
 * it out. Disposing stops, unmaps and frees; the views of its memory are empty then.
 */
export class BufferQueue implements AsyncDisposable {
  readonly type: BufferType;
  readonly #device: V4l2Device;
  /** By buffer, by plane. */
  readonly #memory: readonly (readonly Uint8Array[])[];
  readonly #closers: ResourceStack;
  readonly #struct: BufferStruct;
  readonly #find = (index: number): readonly Uint8Array[] => this.#memory[index]!;
  #started = false;

  private constructor(
    device: V4l2Device,
    type: BufferType,
    memory: readonly (readonly Uint8Array[])[],
    closers: ResourceStack,
  ) {
    this.#device = device;
    this.type = type;
    this.#memory = memory;
    this.#closers = closers;
    this.#struct = new BufferStruct(type);
  }

  /**
   * Allocate and map buffers for the format in force. The driver may give more or fewer than asked for. Throws
   * `device_busy` while another program streams. The device must outlive the queue.
   */
  static async open(device: V4l2Device, type: BufferType, wantedCount: number): Promise<BufferQueue> {
    await using opening = new ResourceStack();
    const request = bufferRequest(type, wantedCount);
    await device.call('get buffers from', VIDIOC_REQBUFS, request);
    // Zero buffers frees those there are. The device may be gone by then, and they with it: no answer is a failure.
    opening.defer(async () => void (await device.ask(VIDIOC_REQBUFS, bufferRequest(type, 0))));
    const memory: Uint8Array[][] = [];
    const struct = new BufferStruct(type);
    for (let index = 0; index < request.readUInt32LE(REQUESTBUFFERS.at.count); index++) {
      struct.prepare(index);
      await device.call('ask for a buffer of', VIDIOC_QUERYBUF, struct.bytes);
      memory.push(struct.locations().map((location) => opening.use(mapPlane(device, location)).bytes));
    }
    return new BufferQueue(device, type, memory, opening.move());
  }

  get count(): number {
    return this.#memory.length;
  }

  /** The memory of a buffer, a view per plane. Not to be touched while the driver has it. */
  planesOf(index: number): readonly Uint8Array[] {
    return this.#find(index);
  }

  async start(): Promise<void> {
    this.#started = true;
    await this.#device.call('start streaming from', VIDIOC_STREAMON, this.#typeArgument());
  }

  /** The oldest buffer that the driver is done with, if there is one. Never waits. */
  dequeue(): DequeueOutcome {
    this.#struct.prepare(0);
    const errno = this.#device.callNow(VIDIOC_DQBUF, this.#struct.bytes);
    if (errno === EAGAIN) return 'empty';
    if (errno !== 0) return { errno };
    return readCapturedBuffer(this.#struct, this.#find);
  }

  /** Give a buffer of a capture queue to the driver, to be filled. Returns 0 or the errno. */
  queue(index: number): number {
    this.#struct.prepare(index);
    return this.#device.callNow(VIDIOC_QBUF, this.#struct.bytes);
  }

  /** Give a buffer of an output queue, filled so far in each plane, to the driver. Returns 0 or the errno. */
  queueFilled(index: number, usedBytes: readonly number[], timestampUs: number): number {
    this.#struct.prepare(index);
    this.#struct.fill(usedBytes, timestampUs);
    return this.#device.callNow(VIDIOC_QBUF, this.#struct.bytes);
  }

  /**
   * A descriptor of a plane's memory, for another device or process that can read it without a copy (a dma-buf). It
   * and the queue may be disposed of in any order. Throws `unsupported` where the driver has no such thing.
   */
  async exportPlane(index: number, plane = 0): Promise<OwnedDescriptor> {
    const { at } = EXPORTBUFFER;
    const bytes = Buffer.alloc(EXPORTBUFFER.size);
    bytes.writeUInt32LE(bufferTypeCode(this.type), at.type);
    bytes.writeUInt32LE(index, at.index);
    bytes.writeUInt32LE(plane, at.plane);
    bytes.writeUInt32LE(EXPORT_FLAGS, at.flags);
    await this.#device.call('export a buffer of', VIDIOC_EXPBUF, bytes);
    return new OwnedDescriptor(bytes.readInt32LE(at.fd));
  }

  /** Stop. All buffers come back to us, filled or not. An unplugged device has stopped already: no failure. */
  async stop(): Promise<void> {
    if (!this.#started) return;
    this.#started = false;
    await this.#device.ask(VIDIOC_STREAMOFF, this.#typeArgument());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#closers[Symbol.asyncDispose]();
  }

  #typeArgument(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(bufferTypeCode(this.type));
    return bytes;
  }
}

function bufferRequest(type: BufferType, count: number): Buffer {
  const { at } = REQUESTBUFFERS;
  const bytes = Buffer.alloc(REQUESTBUFFERS.size);
  bytes.writeUInt32LE(count, at.count);
  bytes.writeUInt32LE(bufferTypeCode(type), at.type);
  bytes.writeUInt32LE(V4L2_MEMORY_MMAP, at.memory);
  return bytes;
}

function mapPlane(device: V4l2Device, { length, offset }: PlaneLocation): MemoryMap {
  const map = device.map(length, offset);
  if (map instanceof MemoryMap) return map;
  throw new CamboxError('device_failed', {
    verb: 'map a buffer of',
    thing: device.path,
    reason: `mmap failed (${errnoName(map.errno)})`,
    received: length,
  });
}
