import { addressOf } from '../native/koffi.ts';
import { type BufferType, bufferTypeCode, isMultiPlanar } from './buffer-type.ts';
import { V4L2_FIELD_NONE, V4L2_MEMORY_MMAP, VIDEO_MAX_PLANES } from './kernel-constants.ts';
import { BUFFER, PLANE } from './struct-layouts.ts';

/** Where to find a plane's memory: what to give to mmap(2). */
export interface PlaneLocation {
  readonly length: number;
  readonly offset: number;
}

/**
 * A struct v4l2_buffer for a queue of memory-mapped buffers, with its array of struct v4l2_plane where the queue is
 * multi-planar. One serves all calls of a queue: at 30 pictures a second, times two calls, garbage adds up.
 * (Documentation/userspace-api/media/v4l/buffer.rst)
 */
export class BufferStruct {
  /** What an ioctl takes. */
  readonly bytes = Buffer.alloc(BUFFER.size);
  readonly #type: number;
  /** The kernel reads and writes it by its address: it lives as long as `bytes` does. */
  readonly #planes: Buffer | undefined;
  readonly #planesAddress: bigint;

  constructor(type: BufferType) {
    this.#type = bufferTypeCode(type);
    this.#planes = isMultiPlanar(type) ? Buffer.alloc(PLANE.size * VIDEO_MAX_PLANES) : undefined;
    this.#planesAddress = this.#planes === undefined ? 0n : addressOf(this.#planes);
  }

  /** Empty it, for a question about, or the queueing of, one buffer. */
  prepare(index: number): void {
    const { at } = BUFFER;
    this.bytes.fill(0);
    this.bytes.writeUInt32LE(index, at.index);
    this.bytes.writeUInt32LE(this.#type, at.type);
    this.bytes.writeUInt32LE(V4L2_MEMORY_MMAP, at.memory);
    if (this.#planes === undefined) return;
    this.#planes.fill(0);
    this.bytes.writeBigUInt64LE(this.#planesAddress, at['m.planes']);
    this.bytes.writeUInt32LE(VIDEO_MAX_PLANES, at.length);
  }

  /** For a buffer that goes in: how much of each plane is filled, and a time that comes out again with the result. */
  fill(usedBytes: readonly number[], timestampUs: number): void {
    const { at } = BUFFER;
    this.bytes.writeUInt32LE(V4L2_FIELD_NONE, at.field);
    this.bytes.writeBigInt64LE(BigInt(Math.floor(timestampUs / 1e6)), at['timestamp.tv_sec']);
    this.bytes.writeBigInt64LE(BigInt(Math.floor(timestampUs % 1e6)), at['timestamp.tv_usec']);
    if (this.#planes === undefined) {
      this.bytes.writeUInt32LE(usedBytes[0] ?? 0, at.bytesused);
      return;
    }
    this.bytes.writeUInt32LE(usedBytes.length, at.length);
    for (const [plane, used] of usedBytes.entries()) {
      this.#planes.writeUInt32LE(used, plane * PLANE.size + PLANE.at.bytesused);
    }
  }

  /** After VIDIOC_QUERYBUF: where the memory of each plane is. */
  locations(): PlaneLocation[] {
    const { bytes } = this;
    const planes = this.#planes;
    if (planes === undefined) {
      return [{ length: bytes.readUInt32LE(BUFFER.at.length), offset: bytes.readUInt32LE(BUFFER.at['m.offset']) }];
    }
    const count = Math.min(bytes.readUInt32LE(BUFFER.at.length), VIDEO_MAX_PLANES);
    return Array.from({ length: count }, (_, plane) => ({
      length: planes.readUInt32LE(plane * PLANE.size + PLANE.at.length),
      offset: planes.readUInt32LE(plane * PLANE.size + PLANE.at['m.mem_offset']),
    }));
  }

  /** After VIDIOC_DQBUF: the filled part of a plane's memory. Never more than there is, whatever the driver says. */
  filledPart(plane: number, memory: Uint8Array): Uint8Array {
    if (this.#planes === undefined) return memory.subarray(0, this.bytes.readUInt32LE(BUFFER.at.bytesused));
    const start = plane * PLANE.size;
    return memory.subarray(
      this.#planes.readUInt32LE(start + PLANE.at.data_offset), // of a header in front; bytesused counts it
      this.#planes.readUInt32LE(start + PLANE.at.bytesused),
    );
  }
}
