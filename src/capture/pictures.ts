import type { Slot } from '../frame/frame-arena.ts';

/** Numbered JPEG pictures that a paced source plays: files, or made ones. */
export interface Pictures extends AsyncDisposable {
  readonly width: number;
  readonly height: number;
  /** How many there are; infinite for made ones. */
  readonly count: number;
  /**
   * Take a slot of the size of picture `index` and write the picture into it: the one copy of a frame's bytes. Returns
   * the slot; undefined when `take` had none; `unreadable` when this picture is gone, and others may not be. Throws
   * `device_failed` when none can be read any more.
   */
  copy(index: number, take: (length: number) => Slot | undefined): Slot | undefined | 'unreadable';
}
