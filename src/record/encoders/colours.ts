import type { PictureSize } from './encoder-profile.ts';

/**
 * A camera's JPEGs have the colours of JFIF: BT.601 of full range, mostly 4:2:2, which many players refuse. Videos get
 * 4:2:0 of television's range, and say so.
 */
export const toVideo = (pixelFormat: 'yuv420p' | 'nv12'): readonly string[] => [
  'scale=out_range=tv',
  `format=${pixelFormat}`,
];

/** What the video says of its colours: 5 is BT.470 BG, the matrix of BT.601 (H.264 table E-5). */
export const COLOUR_OPTIONS = ['-color_range', 'tv', '-colorspace', 'bt470bg'] as const;

/**
 * For encoders that write neither colours nor cropping into their headers: the bitstream filter that does. Cropping is
 * what makes players show 1080 of 1088 rows (H.264 §7.4.2.1.1, frame_crop_bottom_offset).
 */
export function h264Headers(padding: PictureSize): string {
  const crop = [
    ...(padding.width > 0 ? [`crop_right=${padding.width}`] : []),
    ...(padding.height > 0 ? [`crop_bottom=${padding.height}`] : []),
  ];
  return `h264_metadata=${['video_full_range_flag=0', 'matrix_coefficients=5', ...crop].join(':')}`;
}
