import type { CamboxError } from '../../base/errors.ts';
import type { MonoUs } from '../../base/units.ts';
import type { Frame, FrameFacts } from '../../frame/frame.ts';
import type { CaptureDrop } from '../frame-source.ts';

/** What the driver says of a picture, and when we heard it. */
export type PictureFacts = Pick<FrameFacts, 'capturedAt' | 'sequence'> & { readonly arrivedAt: MonoUs };

/**
 * How a camera's pictures become frames: a JPEG is copied (jpeg-pictures.ts), a raw picture is encoded. `Seen` is what
 * looking at a picture tells about it.
 */
export interface PictureKind<Seen extends object = object> {
  /** Look at a filled buffer: what there is to know of it, or why it is no whole picture. */
  examine(bytes: Uint8Array): Seen | CaptureDrop;
  /**
   * Take a whole picture in. `bytes` go back to the driver right after the call: whatever is needed of them is read now.
   * Returns the frame, owned by the caller; why there is none; or `later`: the frame comes another way when it is made.
   */
  take(bytes: Uint8Array, seen: Seen, facts: PictureFacts): Frame | CaptureDrop | 'later';
  /** Take no more; resolves when the last frame that was to come later has come. */
  close?(): Promise<void>;
}

/** Where the frames go that come later. */
export interface LaterFrames {
  /** Takes over the frame. */
  frame(frame: Frame): void;
  drop(reason: CaptureDrop): void;
  /** There will be no more: the source fails with this. */
  fail(error: CamboxError): void;
}
