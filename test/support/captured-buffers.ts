import type { CapturedBuffer } from '../../src/v4l2/captured-buffer.ts';

/** A buffer as a camera's driver fills it; what is not given is as usual. */
export function capturedBuffer(
  given: Pick<CapturedBuffer, 'index' | 'bytes' | 'sequence' | 'capturedAt'> & Partial<CapturedBuffer>,
): CapturedBuffer {
  return {
    planes: [given.bytes],
    damaged: false,
    timedAt: 'end_of_frame',
    timestampUs: given.capturedAt ?? 0,
    keyFrame: false,
    last: false,
    ...given,
  };
}
