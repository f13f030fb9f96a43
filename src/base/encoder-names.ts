/**
 * The video encoders of clips, as ffmpeg calls them, in the order in which `auto` tries them: what costs least first,
 * what always works last. `copy` stores the camera's JPEGs as they are.
 */
export const ENCODER_NAMES = [
  'h264_nvmpi',
  'h264_v4l2m2m',
  'h264_rkmpp',
  'h264_vaapi',
  'h264_qsv',
  'h264_nvenc',
  'libx264',
  'mpeg4',
  'copy',
] as const;
export type EncoderName = (typeof ENCODER_NAMES)[number];

/** What a config or a clip may ask for: `auto` is the first that works. */
export const ENCODER_WISHES = ['auto', ...ENCODER_NAMES] as const;
export type EncoderWish = (typeof ENCODER_WISHES)[number];
