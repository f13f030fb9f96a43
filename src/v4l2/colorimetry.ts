/** The numbers a driver gives with a format (struct v4l2_pix_format); 0 is "as usual for the others". */
export interface ColourCodes {
  readonly colorspace: number;
  readonly encoding: number;
  readonly quantization: number;
}

/** How the numbers of a Y'CbCr or RGB picture are to be read. */
export interface Colorimetry {
  /** Weights of red, green and blue in luma. Says nothing for RGB. */
  readonly matrix: 'bt601' | 'bt709' | 'bt2020' | 'smpte240m';
  /** `limited`: black is 16 and white 235 (chroma 16 to 240); `full`: 0 and 255. */
  readonly range: 'full' | 'limited';
}

/** enum v4l2_colorspace */
const SMPTE240M = 2;
const REC709 = 3;
const JPEG = 7;
const BT2020 = 10;
const DCI_P3 = 12;

/** enum v4l2_quantization */
const RANGES: readonly (Colorimetry['range'] | undefined)[] = [undefined, 'full', 'limited'];

/** enum v4l2_ycbcr_encoding: 601 and sYCC, 709, their extended gamuts, BT.2020 (also constant luminance), SMPTE 240M. */
const MATRICES: readonly (Colorimetry['matrix'] | undefined)[] = [
  undefined,
  'bt601',
  'bt709',
  'bt601',
  'bt709',
  'bt601',
  'bt2020',
  'bt2020',
  'smpte240m',
];

/**
 * What the numbers mean, with the kernel's own defaults where the driver gives none (V4L2_MAP_YCBCR_ENC_DEFAULT and
 * V4L2_MAP_QUANTIZATION_DEFAULT in <linux/videodev2.h>): Y'CbCr is of limited range unless its colorspace is JPEG's.
 */
export function readColorimetry({ colorspace, encoding, quantization }: ColourCodes, isRgb: boolean): Colorimetry {
  const usualRange = isRgb || colorspace === JPEG ? 'full' : 'limited';
  return { matrix: MATRICES[encoding] ?? usualMatrix(colorspace), range: RANGES[quantization] ?? usualRange };
}

function usualMatrix(colorspace: number): Colorimetry['matrix'] {
  if (colorspace === REC709 || colorspace === DCI_P3) return 'bt709';
  if (colorspace === BT2020) return 'bt2020';
  return colorspace === SMPTE240M ? 'smpte240m' : 'bt601';
}
