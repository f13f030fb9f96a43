import { Frame } from '../../frame/frame.ts';
import type { FrameArena } from '../../frame/frame-arena.ts';
import type { JpegFault, JpegLayout } from '../../jpeg/layout.ts';
import { walkJpeg } from '../../jpeg/walk.ts';
import type { PictureFacts, PictureKind } from './picture-kind.ts';

const EOI_BYTES = 2;

/** The pictures of a camera that gives JPEG: copied into the arena once, as they are. */
export class JpegPictures implements PictureKind<JpegLayout> {
  readonly #arena: FrameArena;

  constructor(arena: FrameArena) {
    this.#arena = arena;
  }

  examine(bytes: Uint8Array): JpegLayout | JpegFault {
    return walkJpeg(bytes);
  }

  /** The one copy of a picture's bytes, without what a camera pads it with after its end. */
  take(bytes: Uint8Array, jpeg: JpegLayout, facts: PictureFacts): Frame | 'arena_full' {
    const length = jpeg.scanEnd + EOI_BYTES;
    const slot = this.#arena.take(length);
    if (slot === undefined) return 'arena_full';
    slot.bytes.set(bytes.subarray(0, length));
    return new Frame(slot, length, { ...facts, jpeg });
  }
}
