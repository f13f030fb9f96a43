import { Frame } from '../../frame/frame.ts';
import type { FrameArena } from '../../frame/frame-arena.ts';
import type { JpegFault, JpegLayout } from '../../jpeg/layout.ts';
import { endedLength, endPicture, SourceWalk } from '../../jpeg/source-walk.ts';
import type { PictureFacts, PictureKind } from './picture-kind.ts';

/** The pictures of a camera that gives JPEG: copied into the arena once, as they are. */
export class JpegPictures implements PictureKind<JpegLayout> {
  readonly #arena: FrameArena;
  readonly #walk = new SourceWalk();

  constructor(arena: FrameArena) {
    this.#arena = arena;
  }

  examine(bytes: Uint8Array): JpegLayout | JpegFault {
    return this.#walk.walk(bytes);
  }

  /** The one copy of a picture's bytes, from SOI to EOI: without what a camera leaves behind it, with an EOI that it left out. */
  take(bytes: Uint8Array, jpeg: JpegLayout, facts: PictureFacts): Frame | 'arena_full' {
    const length = endedLength(jpeg);
    const slot = this.#arena.take(length);
    if (slot === undefined) return 'arena_full';
    slot.bytes.set(bytes.subarray(0, jpeg.scanEnd));
    endPicture(slot.bytes, jpeg);
    return new Frame(slot, length, { ...facts, jpeg });
  }
}
