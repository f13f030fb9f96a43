import type { Colorimetry } from '../../v4l2/colorimetry.ts';
import type { RawLayout } from './raw-layout.ts';

/**
 * What has to happen to a picture's numbers, as a JPEG's are BT.601 of full range (JFIF 1.02, "Colour space"):
 * nothing; be stretched from limited range; or go over RGB, as the matrix differs too.
 */
export type ColourTreatment = 'none' | 'stretch' | 'from_bt709' | 'from_bt2020';

export interface ColourPlan extends Colorimetry {
  readonly treatment: ColourTreatment;
  /** False where the colours come out a little off: for SMPTE 240M, and for rare mixtures of matrix and range. */
  readonly isExact: boolean;
}

/** What the config says of a camera that tells its range wrong. */
export type RangeSetting = 'auto' | Colorimetry['range'];

export function colourPlan(layout: RawLayout, told: Colorimetry, setting: RangeSetting): ColourPlan {
  const colours = { matrix: told.matrix, range: setting === 'auto' ? told.range : setting };
  return { ...colours, ...treat(layout, colours) };
}

function treat(layout: RawLayout, { matrix, range }: Colorimetry): Pick<ColourPlan, 'treatment' | 'isExact'> {
  if (layout.kind === 'pixels') return { treatment: 'none', isExact: range === 'full' };
  if (range === 'limited' && layout.kind !== 'gray') {
    if (matrix === 'bt709') return { treatment: 'from_bt709', isExact: true };
    if (matrix === 'bt2020') return { treatment: 'from_bt2020', isExact: true };
  }
  return { treatment: range === 'full' ? 'none' : 'stretch', isExact: layout.kind === 'gray' || matrix === 'bt601' };
}
