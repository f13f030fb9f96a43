import type { CapturedBuffer } from '../../v4l2/captured-buffer.ts';
import type { CaptureStream } from './capture-stream.ts';

/** Sees every buffer that a driver hands out, damaged ones too, before anything else does; keeps nothing of it. */
export type BufferTap = (buffer: CapturedBuffer) => void;

/** The stream, with somebody who looks on. */
export function tappedStream(stream: CaptureStream, tap: BufferTap): CaptureStream {
  return {
    bufferCount: stream.bufferCount,
    start: () => stream.start(),
    stop: () => stream.stop(),
    dequeue: () => {
      const outcome = stream.dequeue();
      if (outcome !== 'empty' && !('errno' in outcome)) tap(outcome);
      return outcome;
    },
    requeue: (index) => stream.requeue(index),
    watch: (handler) => stream.watch(handler),
    explain: (fault) => stream.explain(fault),
  };
}
