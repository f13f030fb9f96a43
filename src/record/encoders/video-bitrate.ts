import type { EncodeJob } from './encoder-profile.ts';

/** What a camera picture needs at CRF 23 with fast settings: 1280x720 at 30 a second become 2.8 Mbit/s. */
const BITS_PER_PIXEL = 0.1;
const USUAL_CRF = 23;
/** Six steps of CRF are twice the bits. */
const CRF_PER_OCTAVE = 6;
const LEAST_KBPS = 300;
const MOST_KBPS = 25_000;
/** As long as no picture has told. */
const USUAL_SIZE = { width: 1280, height: 720 };

/** The bitrate for encoders that know nothing else: as asked, or what the asked quality usually takes. */
export function bitrateKbps({ size, fps, quality }: EncodeJob): number {
  if (quality.bitrateKbps !== undefined) return quality.bitrateKbps;
  const { width, height } = size ?? USUAL_SIZE;
  const factor = 2 ** ((USUAL_CRF - quality.crf) / CRF_PER_OCTAVE);
  const kbps = Math.round((width * height * fps * BITS_PER_PIXEL * factor) / 1000);
  return Math.min(MOST_KBPS, Math.max(LEAST_KBPS, kbps));
}

/** A bitrate that is held on the average of a second or two. */
export const bitrateOptions = (kbps: number): readonly string[] => [
  ...['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${2 * kbps}k`],
];

/** MPEG-4's quantiser (1 to 31) for a CRF: H.264's step 0.625 * 2^(QP/6) is twice MPEG-4's number. */
export const mpeg4Quantiser = (crf: number): number => {
  const quantiser = Math.round(0.3125 * 2 ** (crf / CRF_PER_OCTAVE));
  return Math.min(31, Math.max(2, quantiser));
};
