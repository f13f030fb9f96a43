import { type MonoUs, monoUsFromTimeval } from '../base/units.ts';
import { BUFFER } from './struct-layouts.ts';

/** The driver noticed damage: the picture may be incomplete (V4L2_BUF_FLAG_ERROR). */
const FLAG_ERROR = 0x0040;
const TIMESTAMP_MASK = 0xe000;
/** The timestamp is of CLOCK_MONOTONIC (V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC). */
const TIMESTAMP_MONOTONIC = 0x2000;

/** A buffer that the driver has filled and handed out. It is ours until it is queued again. */
export interface CapturedBuffer {
  readonly index: number;
  /** The picture, in the driver's memory: valid until the buffer is queued again. */
  readonly bytes: Uint8Array;
  /** The driver marked it as damaged; sequence and timestamp may be nonsense too. */
  readonly damaged: boolean;
  /** The driver's picture count, modulo 2^32. */
  readonly sequence: number;
  /** When the first byte came in; undefined when the driver's timestamps are not of CLOCK_MONOTONIC. */
  readonly capturedAt: MonoUs | undefined;
}

/**
 * Read a struct v4l2_buffer that VIDIOC_DQBUF has filled in. `memory` finds the mapped memory of a buffer by index.
 * (Documentation/userspace-api/media/v4l/buffer.rst)
 */
export function readCapturedBuffer(bytes: Buffer, memory: (index: number) => Uint8Array): CapturedBuffer {
  const { at } = BUFFER;
  const index = bytes.readUInt32LE(at.index);
  const flags = bytes.readUInt32LE(at.flags);
  const isMonotonic = (flags & TIMESTAMP_MASK) === TIMESTAMP_MONOTONIC;
  return {
    index,
    bytes: memory(index).subarray(0, bytes.readUInt32LE(at.bytesused)),
    damaged: (flags & FLAG_ERROR) !== 0,
    sequence: bytes.readUInt32LE(at.sequence),
    capturedAt: isMonotonic ? readTimestamp(bytes) : undefined,
  };
}

function readTimestamp(bytes: Buffer): MonoUs {
  const seconds = Number(bytes.readBigInt64LE(BUFFER.at['timestamp.tv_sec']));
  const microseconds = Number(bytes.readBigInt64LE(BUFFER.at['timestamp.tv_usec']));
  return monoUsFromTimeval(seconds, microseconds);
}
