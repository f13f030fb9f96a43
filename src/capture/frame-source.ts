import type { ReasonCounts } from '../base/reason-counts.ts';
import type { Frame } from '../frame/frame.ts';
import type { JpegFault } from '../jpeg/layout.ts';

/** Why a captured picture did not become a frame. */
export type CaptureDrop =
  | JpegFault
  /** The driver marked the buffer as damaged (V4L2_BUF_FLAG_ERROR). */
  | 'buffer_error'
  /** A newer picture was there already: the freshest wins. */
  | 'stale'
  /** The frame arena was full: somebody holds too many frames. */
  | 'arena_full';

export interface SourceAbout {
  readonly kind: 'v4l2' | 'replay' | 'synthetic';
  /** What was opened, as the config or the user named it. */
  readonly source: string;
  /** What the source really delivers, after negotiation. */
  readonly width: number;
  readonly height: number;
  /** Pictures a second; undefined when unpaced or unknown. */
  readonly fps: number | undefined;
}

export interface SourceCounts {
  /** Frames handed out. */
  captured: number;
  /** Pictures missing in the source's sequence numbers. */
  gaps: number;
  readonly dropped: ReasonCounts<CaptureDrop>;
}

/**
 * The port through which frames come in. Opening does the I/O (see `open-source.ts`); disposing closes for good and
 * waits until the device is really free.
 */
export interface FrameSource extends AsyncDisposable {
  readonly about: SourceAbout;
  readonly counts: SourceCounts;
  /**
   * The frames as they come; each is owned by the consumer, who disposes it. Ends normally when the source has no
   * more (a file) or the signal is aborted; throws a CamboxError (`device_lost`, `device_failed`) when it broke. May be
   * iterated once.
   */
  frames(signal: AbortSignal): AsyncIterable<Frame>;
}
