import { walkJpeg } from '../../jpeg/walk.ts';
import { decompressJpeg } from '../../native/decompress-jpeg.ts';
import { rtpJpegForm } from '../../rtp/jpeg-form.ts';
import type { JpegEncoder } from './jpeg-encoder.ts';
import type { RawPicture } from './raw-picture.ts';
import { trialPicture } from './trial-picture.ts';

export interface TrialPassed {
  /** A picture, with all desks busy. */
  readonly msPerPicture: number;
}

export interface TrialFailed {
  readonly reason: string;
}

/**
 * Peak signal-to-noise ratio of the two encoders' pictures, decoded. Blocks of one shade come out the same to a step or two
 * (43 dB), whatever the quality and the subsampling of chroma; a wrong range leaves 30, swapped channels 10.
 */
const LEAST_DB = 38;

/**
 * Have an encoder encode a picture of the real size, and compare what comes out with what `reference` makes of it. Passed:
 * it decodes without a warning, looks the same, and RTP can carry it as it is. Neither encoder may be in use.
 */
export async function trialEncode(
  candidate: JpegEncoder,
  reference: JpegEncoder,
  picture: RawPicture,
): Promise<TrialPassed | TrialFailed> {
  const raw = trialPicture(picture);
  const [ours, expected] = [await decodedFrom(candidate, raw, picture), await decodedFrom(reference, raw, picture)];
  if ('reason' in ours) return ours;
  if ('reason' in expected) return { reason: `there is nothing to compare with: ${expected.reason}` };
  const likenessDb = psnr(ours.rgb, expected.rgb);
  if (likenessDb >= LEAST_DB) return { msPerPicture: ours.msPerPicture };
  return { reason: `its picture looks different (${likenessDb.toFixed(1)} dB)` };
}

async function decodedFrom(
  encoder: JpegEncoder,
  raw: Uint8Array,
  { width, height }: RawPicture,
): Promise<{ readonly rgb: Uint8Array; readonly msPerPicture: number } | TrialFailed> {
  const outs = encoder.desks.map(() => new Uint8Array(encoder.maxJpegBytes));
  for (const desk of encoder.desks) desk.load(raw);
  const start = performance.now();
  const outcomes = await Promise.all(encoder.desks.map((desk, i) => desk.encode(outs[i]!)));
  const msPerPicture = (performance.now() - start) / outcomes.length;
  for (const outcome of outcomes) if (typeof outcome !== 'number') return { reason: outcome.fault };
  const jpeg = outs[0]!.subarray(0, outcomes[0] as number);
  const layout = walkJpeg(jpeg);
  if (typeof layout === 'string') return { reason: `what it makes is no JPEG (${layout})` };
  if (layout.width !== width || layout.height !== height) {
    return { reason: `it makes ${layout.width}x${layout.height} of ${width}x${height}` };
  }
  const form = rtpJpegForm(layout, jpeg);
  if (typeof form === 'string') return { reason: `RTP cannot carry what it makes (${form})` };
  const rgb = await decompressJpeg(jpeg, { width, height });
  return 'fault' in rgb ? { reason: `what it makes does not decode: ${rgb.fault}` } : { rgb, msPerPicture };
}

function psnr(one: Uint8Array, other: Uint8Array): number {
  let squares = 0;
  for (let i = 0; i < one.length; i++) squares += (one[i]! - other[i]!) ** 2;
  return 10 * Math.log10((255 ** 2 * one.length) / squares);
}
