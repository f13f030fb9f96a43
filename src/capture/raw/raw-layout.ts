import type { PixelOrder, Subsampling } from '../../native/libturbojpeg.ts';

/** How the samples of a raw picture lie in memory. `swapped`: Cr comes before Cb. */
export type RawLayout =
  /** 4:2:2 in one plane, two pixels in four bytes: Y Cb Y Cr, or Cb Y Cr Y. */
  | { readonly kind: 'yuyv' | 'uyvy'; readonly chroma: '4:2:2'; readonly swapped: boolean }
  /** A plane of luma, then one of Cb and Cr in turn. */
  | { readonly kind: 'pairs'; readonly chroma: Subsampling; readonly swapped: boolean }
  /** A plane of luma, one of Cb, one of Cr. */
  | { readonly kind: 'planes'; readonly chroma: Subsampling; readonly swapped: boolean }
  | { readonly kind: 'gray' }
  | { readonly kind: 'pixels'; readonly order: PixelOrder };

const packed = (kind: 'yuyv' | 'uyvy', swapped = false): RawLayout => ({ kind, chroma: '4:2:2', swapped });
const pairs = (chroma: Subsampling, swapped = false): RawLayout => ({ kind: 'pairs', chroma, swapped });
const planes = (chroma: Subsampling, swapped = false): RawLayout => ({ kind: 'planes', chroma, swapped });
const pixels = (order: PixelOrder): RawLayout => ({ kind: 'pixels', order });

/**
 * The raw formats that can be encoded, by fourcc (Documentation/userspace-api/media/v4l, "Image Formats"). In the order in
 * which they are preferred: those with the fewest bytes first, as they cost the bus and the encoder least; grey last, as
 * it has no colours.
 */
export const RAW_LAYOUTS: Readonly<Record<string, RawLayout>> = {
  NV12: pairs('4:2:0'),
  YU12: planes('4:2:0'),
  YV12: planes('4:2:0', true),
  NV21: pairs('4:2:0', true),
  YUYV: packed('yuyv'),
  UYVY: packed('uyvy'),
  YVYU: packed('yuyv', true),
  VYUY: packed('uyvy', true),
  NV16: pairs('4:2:2'),
  NV61: pairs('4:2:2', true),
  '422P': planes('4:2:2'),
  RGB3: pixels('rgb'),
  BGR3: pixels('bgr'),
  XB24: pixels('rgbx'),
  AB24: pixels('rgbx'),
  XR24: pixels('bgrx'),
  AR24: pixels('bgrx'),
  BGR4: pixels('bgrx'),
  RX24: pixels('xbgr'),
  RA24: pixels('xbgr'),
  BX24: pixels('xrgb'),
  BA24: pixels('xrgb'),
  RGB4: pixels('xrgb'),
  GREY: { kind: 'gray' },
};

export const RAW_FOURCCS: readonly string[] = Object.keys(RAW_LAYOUTS);

/** The chroma that the JPEG gets: what the picture has, at most 4:2:2, which is the most that RFC 2435 can carry. */
export function jpegSampling(layout: RawLayout): Subsampling {
  if (layout.kind === 'gray') return '4:2:0';
  return layout.kind === 'pixels' ? '4:2:2' : layout.chroma;
}
