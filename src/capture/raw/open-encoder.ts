import { CamboxError } from '../../base/errors.ts';
import type { FrameArena } from '../../frame/frame-arena.ts';
import type { RangeSetting } from './colour-treatment.ts';
import { DESKS_NEEDED, MOST_IN_FLIGHT } from './encode-queue.ts';
import type { JpegEncoder } from './jpeg-encoder.ts';
import type { RawPicture } from './raw-picture.ts';
import { openTurboJpeg } from './turbojpeg/turbojpeg-encoder.ts';

export interface RawOptions {
  /** 1 to 100. */
  readonly quality: number;
  /** How the numbers of raw pictures are to be read; `auto`: as the driver says. */
  readonly range: RangeSetting;
}

export const DEFAULT_RAW: RawOptions = { quality: 85, range: 'auto' };

const MEBIBYTE = 1024 * 1024;

/**
 * An encoder for a camera's raw pictures. Throws `missing_library`, and `resource_limit` when the arena has no room for
 * the largest JPEGs there can be.
 */
export function openEncoder(picture: RawPicture, { quality }: RawOptions, arena: FrameArena): JpegEncoder {
  const encoder = openTurboJpeg(picture, quality, DESKS_NEEDED);
  const needed = MOST_IN_FLIGHT * encoder.maxJpegBytes;
  if (needed <= arena.capBytes) return encoder;
  void encoder[Symbol.asyncDispose]();
  throw new CamboxError('resource_limit', {
    verb: 'encode',
    thing: `raw pictures of ${picture.width}x${picture.height}`,
    reason: 'the memory for frames is too small for them',
    received: arena.capBytes,
    remedy: `Set frames.memory_mb to ${Math.ceil(needed / MEBIBYTE)} at least, or ask for smaller pictures`,
  });
}
