import type { CamboxError } from '../../base/errors.ts';
import type { Frame } from '../../frame/frame.ts';

/** Where frames are put that somebody wants to keep: a folder, a video file. */
export interface FrameStore extends AsyncDisposable {
  /** Frames that are stored, or will be as far as we know. */
  readonly stored: number;
  /** Frames that were refused: storing was too slow, or the frame does not fit those before it. */
  readonly refused: number;
  /** Resolves when nothing can be stored any more; never rejects. */
  readonly failed: Promise<CamboxError>;
  /** Take a frame (with a reference of its own) or refuse it. Never waits, never throws. */
  offer(frame: Frame): void;
  /** Store what has been taken and complete the file. Throws what `failed` told of. */
  finish(): Promise<void>;
}
