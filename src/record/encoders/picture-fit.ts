import { EVEN, type PictureSize } from './encoder-profile.ts';

/** How a picture is made to fit an encoder, and how much of that players have to cut off again. */
export interface PictureFit {
  readonly filters: readonly string[];
  /** Pixels at the right and at the bottom that are padding. */
  readonly padding: PictureSize;
}

const FITS: PictureFit = { filters: [], padding: { width: 0, height: 0 } };

/**
 * Fit pictures to an encoder that takes multiples of `multiple` (even numbers). An odd row or column is cut off, as
 * 4:2:0 has no half of one; the rest is padded up. A size that is not known is left as it is.
 */
export function fitPicture(size: PictureSize | undefined, multiple: PictureSize): PictureFit {
  if (size === undefined) return FITS;
  const shown = { width: size.width & ~1, height: size.height & ~1 };
  const coded = { width: roundUp(shown.width, multiple.width), height: roundUp(shown.height, multiple.height) };
  const isCropped = shown.width !== size.width || shown.height !== size.height;
  const padding = { width: coded.width - shown.width, height: coded.height - shown.height };
  return {
    filters: [
      ...(isCropped ? [`crop=${shown.width}:${shown.height}:0:0`] : []),
      ...(padding.width + padding.height > 0 ? [`pad=${coded.width}:${coded.height}:0:0`] : []),
    ],
    padding,
  };
}

/** The filters that leave of a picture what every encoder shows of it. */
export const cropToShown = (size: PictureSize | undefined): readonly string[] => fitPicture(size, EVEN).filters;

/** What is to be shown of pictures that were padded; undefined when they were not. */
export function shownSize(size: PictureSize | undefined, multiple: PictureSize): PictureSize | undefined {
  const { padding } = fitPicture(size, multiple);
  if (size === undefined || padding.width + padding.height === 0) return undefined;
  return { width: size.width & ~1, height: size.height & ~1 };
}

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;
