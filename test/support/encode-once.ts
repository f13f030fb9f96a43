import { type ColourPlan, colourPlan } from '../../src/capture/raw/colour-treatment.ts';
import { type RawSize, rawGeometry } from '../../src/capture/raw/raw-geometry.ts';
import { RAW_LAYOUTS } from '../../src/capture/raw/raw-layout.ts';
import type { RawPicture } from '../../src/capture/raw/raw-picture.ts';
import { openTurboJpeg } from '../../src/capture/raw/turbojpeg/turbojpeg-encoder.ts';
import type { Colorimetry } from '../../src/v4l2/colorimetry.ts';

export type RawForm = RawSize & { readonly fourcc: string };

export const AS_IS: ColourPlan = { matrix: 'bt601', range: 'full', treatment: 'none', isExact: true };

/** A raw picture as `rawPicture` makes it of what a driver says. */
export function rawPictureOf({ fourcc, ...size }: RawForm, colours: Colorimetry = AS_IS): RawPicture {
  const layout = RAW_LAYOUTS[fourcc];
  if (layout === undefined) throw new Error(`${fourcc} is no raw format`);
  const geometry = rawGeometry(layout, size);
  if (geometry === 'line_too_short') throw new Error(`${fourcc}: ${geometry}`);
  const { width, height } = size;
  return { fourcc, width, height, layout, geometry, colours: colourPlan(layout, colours, 'auto') };
}

/** The JPEG that libjpeg-turbo makes of a raw picture. */
export async function encodeOnce(
  form: RawForm,
  colours: Colorimetry,
  raw: Uint8Array,
  quality: number,
): Promise<Uint8Array> {
  await using encoder = openTurboJpeg(rawPictureOf(form, colours), quality, 1);
  const [desk] = encoder.desks;
  const out = new Uint8Array(encoder.maxJpegBytes);
  desk!.load(raw);
  const length = await desk!.encode(out);
  if (typeof length !== 'number') throw new Error(length.fault);
  return out.subarray(0, length);
}
