import { ReasonCounts } from '../base/reason-counts.ts';
import type { Frame } from '../frame/frame.ts';
import type { JpegFault } from '../jpeg/layout.ts';
import type { EncodeDrop } from './raw/encode-queue.ts';

/** Why a captured picture did not become a frame. */
export type CaptureDrop =
  | JpegFault
  | EncodeDrop
  /** A raw picture with fewer bytes than its format has. */
  | 'raw_short'
  /** The driver marked the buffer as damaged (V4L2_BUF_FLAG_ERROR). */
  | 'buffer_error'
  /** A file of a folder that cannot be read any more. */
  | 'unreadable'
  /** A newer picture was there already: the freshest wins. */
  | 'stale'
  /** The frame arena was full: somebody holds too many frames. */
  | 'arena_full';

/**
 * Why a driver's timestamp was not taken for the capture time: not of CLOCK_MONOTONIC, in the future, not after the one
 * before, or longer ago than a picture can have waited.
 */
export type TimestampFault = 'other_clock' | 'ahead' | 'backward' | 'too_old';

/** Which of a camera's formats was chosen and why, in the words of status and log. */
export interface ChosenFormat {
  /** "MJPG", "YUYV" */
  readonly pixel_format: string;
  readonly why: string;
  /** What makes JPEGs of raw pictures, and why that and nothing else. */
  readonly encoder?: string;
  readonly encoder_why?: string;
}

/** A control of a camera that is not what the config wants. */
export interface MissedControl {
  readonly control: string;
  readonly wanted: number | boolean | string;
  /** What the camera made of it; missing where it was not set. */
  readonly given?: number | string;
  /** Why it was not set. */
  readonly error?: string;
}

export interface SourceAbout {
  readonly kind: 'v4l2' | 'replay' | 'synthetic';
  /** What was opened, as the config or the user named it. */
  readonly source: string;
  /** What the source really delivers, after negotiation. */
  readonly width: number;
  readonly height: number;
  /** Pictures a second; undefined when unpaced or unknown. */
  readonly fps: number | undefined;
  /** Of cameras. */
  readonly format?: ChosenFormat;
  /** Of cameras; missing where there is none. */
  readonly missed_controls?: readonly MissedControl[];
}

export interface SourceCounts {
  /** Frames handed out. */
  captured: number;
  /** Pictures missing in the source's sequence numbers. */
  gaps: number;
  readonly dropped: ReasonCounts<CaptureDrop>;
  /** Frames whose capture time was estimated from their arrival, by what was wrong with the driver's. */
  readonly retimed: ReasonCounts<TimestampFault>;
}

export const newSourceCounts = (): SourceCounts => ({
  captured: 0,
  gaps: 0,
  dropped: new ReasonCounts(),
  retimed: new ReasonCounts(),
});

/**
 * The port through which frames come in. Opening does the I/O (see `open-source.ts`); disposing closes for good and
 * waits until the device is really free.
 */
export interface FrameSource extends AsyncDisposable {
  readonly about: SourceAbout;
  readonly counts: SourceCounts;
  /**
   * The frames as they come; each is owned by the consumer, who disposes it. Ends normally when the source has no
   * more (a file) or the signal is aborted; throws a CamboxError when it broke: `device_lost`, `device_failed`,
   * `device_silent`, `device_stalled`, `pictures_broken`. May be iterated once.
   */
  frames(signal: AbortSignal): AsyncIterable<Frame>;
  /**
   * Stop the stream on the device that stays open, so that `frames` may be iterated once more: the gentlest cure for one
   * that broke. Sequence and capture times go on. Missing where there is nothing to restart (files).
   */
  restart?(): Promise<void>;
}
