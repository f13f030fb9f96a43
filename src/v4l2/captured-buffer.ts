import { type MonoUs, monoUsFromTimeval } from '../base/units.ts';
import type { BufferStruct } from './buffer-struct.ts';
import {
  V4L2_BUF_FLAG_ERROR,
  V4L2_BUF_FLAG_KEYFRAME,
  V4L2_BUF_FLAG_LAST,
  V4L2_BUF_FLAG_TIMESTAMP_MASK,
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_FLAG_TSTAMP_SRC_MASK,
  V4L2_BUF_FLAG_TSTAMP_SRC_SOE,
} from './kernel-constants.ts';
import { BUFFER } from './struct-layouts.ts';

/** A buffer that the driver has filled and handed out. It is ours until it is queued again. */
export interface CapturedBuffer {
  readonly index: number;
  /**
   * The picture, in the driver's memory: valid until the buffer is queued again. Of a format that has its planes apart
   * it is the first plane; see `planes`. Empty when the driver had nothing to fill it with.
   */
  readonly bytes: Uint8Array;
  /** One view per piece of memory of the format (`Format.planes`); the first is `bytes`. */
  readonly planes: readonly Uint8Array[];
  /** The driver marked it as damaged (V4L2_BUF_FLAG_ERROR); sequence and timestamp may be nonsense too. */
  readonly damaged: boolean;
  /** The driver's picture count, modulo 2^32. */
  readonly sequence: number;
  /** The timestamp, when it is of CLOCK_MONOTONIC; what moment of the picture it is, `timedAt` tells. */
  readonly capturedAt: MonoUs | undefined;
  /** The moment of a picture that drivers give the time of: UVC cameras the start, most others the end. */
  readonly timedAt: 'end_of_frame' | 'start_of_exposure';
  /** The timestamp as it stands, in microseconds. In a mem-to-mem device: that of the picture which went in. */
  readonly timestampUs: number;
  /** Of compressed formats: can be decoded without those before. */
  readonly keyFrame: boolean;
  /** Of codecs: nothing comes after it (V4L2_BUF_FLAG_LAST). It may be empty. */
  readonly last: boolean;
}

/**
 * Read what VIDIOC_DQBUF has filled in.
 *
 * @param memory finds the mapped memory of a buffer's planes by its index
 */
export function readCapturedBuffer(
  struct: BufferStruct,
  memory: (index: number) => readonly Uint8Array[],
): CapturedBuffer {
  const { at } = BUFFER;
  const { bytes } = struct;
  const index = bytes.readUInt32LE(at.index);
  const flags = bytes.readUInt32LE(at.flags);
  const timestamp = readTimestamp(bytes);
  const planes = memory(index).map((whole, plane) => struct.filledPart(plane, whole));
  return {
    index,
    bytes: planes[0] ?? new Uint8Array(),
    planes,
    damaged: (flags & V4L2_BUF_FLAG_ERROR) !== 0,
    sequence: bytes.readUInt32LE(at.sequence),
    capturedAt: (flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) === V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC ? timestamp : undefined,
    timedAt:
      (flags & V4L2_BUF_FLAG_TSTAMP_SRC_MASK) === V4L2_BUF_FLAG_TSTAMP_SRC_SOE ? 'start_of_exposure' : 'end_of_frame',
    timestampUs: timestamp,
    keyFrame: (flags & V4L2_BUF_FLAG_KEYFRAME) !== 0,
    last: (flags & V4L2_BUF_FLAG_LAST) !== 0,
  };
}

function readTimestamp(bytes: Buffer): MonoUs {
  const seconds = Number(bytes.readBigInt64LE(BUFFER.at['timestamp.tv_sec']));
  const microseconds = Number(bytes.readBigInt64LE(BUFFER.at['timestamp.tv_usec']));
  return monoUsFromTimeval(seconds, microseconds);
}
