import { readColorimetry } from '../../v4l2/colorimetry.ts';
import type { Format } from '../../v4l2/format.ts';
import { type ColourPlan, colourPlan, type RangeSetting } from './colour-treatment.ts';
import { type RawGeometry, rawGeometry } from './raw-geometry.ts';
import { RAW_LAYOUTS, type RawLayout } from './raw-layout.ts';

/** All that an encoder needs to know of a camera's raw pictures. */
export interface RawPicture {
  readonly fourcc: string;
  readonly width: number;
  readonly height: number;
  readonly layout: RawLayout;
  readonly geometry: RawGeometry;
  readonly colours: ColourPlan;
}

/** Why pictures of a format cannot be encoded. */
export type RawRefusal =
  /** Not in RAW_LAYOUTS. */
  | 'format_unknown'
  /** The lines of two moments in one picture, or a picture of every other line. */
  | 'interlaced'
  /** Its planes lie in memories of their own (NM12 and the like). */
  | 'planes_apart'
  /** The driver gives fewer bytes a line than the pixels need. */
  | 'line_too_short';

/** Read a V4L2 format as a raw picture. `range`: what the config says of a camera that tells its range wrong. */
export function rawPicture(format: Format, range: RangeSetting): RawPicture | RawRefusal {
  const { fourcc, width, height } = format;
  const layout = RAW_LAYOUTS[fourcc];
  if (layout === undefined) return 'format_unknown';
  if (format.field !== 'none' && format.field !== 'any') return 'interlaced';
  if (format.planes.length > 1) return 'planes_apart';
  const geometry = rawGeometry(layout, format);
  if (geometry === 'line_too_short') return geometry;
  const told = readColorimetry(format.colours, layout.kind === 'pixels');
  return { fourcc, width, height, layout, geometry, colours: colourPlan(layout, told, range) };
}
