import type { CamboxError } from '../../base/errors.ts';
import type { ReadinessHandler } from '../../native/readiness-watch.ts';
import type { DequeueOutcome, StreamFault } from '../../v4l2/streaming.ts';

/** A driver's queue of buffers, as the intake sees it. */
export interface PictureQueue {
  readonly bufferCount: number;
  dequeue(): DequeueOutcome;
  /** Returns 0 or the errno. */
  requeue(index: number): number;
}

/** What a camera's frames are made from: MmapStream, or a scripted one in tests. */
export interface CaptureStream extends PictureQueue {
  /** Give all buffers to the driver and start. */
  start(): Promise<void>;
  /** Stop; all buffers are ours again. It may be started anew. */
  stop(): Promise<void>;
  /** Be told of filled buffers, while it is started. */
  watch(handler: ReadinessHandler): Disposable;
  explain(fault: StreamFault): CamboxError;
}
