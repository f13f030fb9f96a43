import type { Capabilities, Role } from './capabilities.ts';
import {
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
} from './kernel-constants.ts';

const CODES = {
  video_capture: V4L2_BUF_TYPE_VIDEO_CAPTURE,
  video_output: V4L2_BUF_TYPE_VIDEO_OUTPUT,
  video_capture_mplane: V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  video_output_mplane: V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
} as const;

/**
 * Which of a device's queues of pictures (enum v4l2_buf_type). "Capture" is what comes out of the device, "output" what
 * a program puts in: a codec has both. With `_mplane` the driver has the multi-planar API, in which the planes of one
 * picture may lie in memories of their own (NM12); it takes formats of one plane, too.
 */
export type BufferType = keyof typeof CODES;

export const bufferTypeCode = (type: BufferType): number => CODES[type];

export const isMultiPlanar = (type: BufferType): boolean => type.endsWith('_mplane');

const has = ({ roles }: Capabilities, ...wanted: Role[]): boolean => wanted.some((role) => roles.includes(role));

/** The queue that pictures come out of: the multi-planar one where the driver has no other. */
export function captureType(capabilities: Capabilities): BufferType {
  if (has(capabilities, 'video_capture', 'video_m2m')) return 'video_capture';
  return has(capabilities, 'video_capture_mplane', 'video_m2m_mplane') ? 'video_capture_mplane' : 'video_capture';
}

/** The queue that pictures are put in: the multi-planar one where the driver has no other. */
export function outputType(capabilities: Capabilities): BufferType {
  if (has(capabilities, 'video_output', 'video_m2m')) return 'video_output';
  return has(capabilities, 'video_output_mplane', 'video_m2m_mplane') ? 'video_output_mplane' : 'video_output';
}
