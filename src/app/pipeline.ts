import type { FrameSource } from '../capture/frame-source.ts';
import type { Frame } from '../frame/frame.ts';

/** Takes frames as they come: never throws, never waits, retains what it keeps beyond the call. */
export interface FrameSink {
  onFrame(frame: Frame): void;
}

/** What a camera's frames go to, in this order. */
export interface Wings {
  /** The newest frame, for snapshots. */
  readonly latest: FrameSink;
  /** Sees that frames flow. */
  readonly watch: FrameSink;
  /** RTP to every receiver: views and a few system calls, no copy. */
  readonly streams: FrameSink;
  /** The pre-roll ring and the clips under way: bounded queues into ffmpeg's stdin. */
  readonly recorder: FrameSink;
}

/**
 * The way of every frame. The source has copied it once, out of the driver's buffer into the frame arena; from here on
 * everybody holds a view. Returns when the source has no more or the signal is aborted; throws what the source throws
 * when it broke.
 */
export async function runPipeline(source: FrameSource, wings: Wings, signal: AbortSignal): Promise<void> {
  for await (const frame of source.frames(signal)) {
    using _ = frame; // its slot is free after this turn unless somebody below retained it
    wings.latest.onFrame(frame);
    wings.watch.onFrame(frame);
    wings.streams.onFrame(frame);
    wings.recorder.onFrame(frame);
  }
}
