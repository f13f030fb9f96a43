import { open } from 'node:fs/promises';
import { CamboxError } from '../../base/errors.ts';
import { walkJpeg } from '../../jpeg/walk.ts';
import type { PictureSize } from '../encoders/encoder-profile.ts';

/** Enough of a picture to find its size, whatever previews stand before it. */
const HEAD_BYTES = 1 << 20;
/** So many of the first pictures may be of no use. */
const TRIED = 100;

/** What may be asked for, in pixels. */
export const SIDES = { least: 16, most: 8192 } as const;

/** As encoders take it: even. */
export const sizeFor = ({ width, height }: PictureSize): PictureSize => ({
  width: Math.max(SIDES.least, width & ~1),
  height: Math.max(SIDES.least, height & ~1),
});

/** The size of the first picture that tells it. Throws `bad_input`. */
export async function firstPictureSize(paths: readonly string[]): Promise<PictureSize> {
  for (const path of paths.slice(0, TRIED)) {
    const layout = walkJpeg(await headOf(path).catch(() => new Uint8Array()));
    if (typeof layout !== 'string') return { width: layout.width, height: layout.height };
  }
  throw new CamboxError('bad_input', {
    verb: 'read',
    thing: paths[0] ?? 'the pictures',
    reason:
      paths.length === 1
        ? 'it is no picture'
        : `neither it nor the ${Math.min(TRIED, paths.length) - 1} after it are pictures`,
  });
}

async function headOf(path: string): Promise<Uint8Array> {
  await using file = await open(path, 'r');
  const head = Buffer.alloc(HEAD_BYTES);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  return head.subarray(0, bytesRead);
}
