import { execFileSync } from 'node:child_process';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A decoded picture's planes, cut to the size that was asked for. */
export interface Planes {
  readonly Y: Buffer;
  readonly U: Buffer;
  readonly V: Buffer;
}

export type ChromaFormat = '420' | '422';

/**
 * Pictures of concatenated JPEGs, the first `most` of them, decoded by the real ffmpeg to the planes they hold, without any
 * conversion, and cut to `size` (both even): RTP/JPEG rounds sizes up to blocks of 8.
 */
export function decodePlanes(jpegs: string, size: PictureSize, chroma: ChromaFormat, most?: number): Planes[] {
  const { width, height } = size;
  const limit = most === undefined ? [] : ['-frames:v', String(most)];
  const raw = execFileSync(
    'ffmpeg',
    // biome-ignore format: one option a pair
    ['-v', 'error', '-f', 'mjpeg', '-i', jpegs, '-vf', `crop=${width}:${height}:0:0`, ...limit,
      '-f', 'rawvideo', '-pix_fmt', `yuvj${chroma}p`, '-'],
    { maxBuffer: 1 << 29 },
  );
  const luma = width * height;
  const side = chroma === '420' ? luma / 4 : luma / 2;
  const total = luma + 2 * side;
  return Array.from({ length: raw.length / total }, (_, i) => ({
    Y: raw.subarray(i * total, i * total + luma),
    U: raw.subarray(i * total + luma, i * total + luma + side),
    V: raw.subarray(i * total + luma + side, (i + 1) * total),
  }));
}

/** Peak signal-to-noise ratio of each plane in decibels; Infinity when they are equal. */
export function psnr(one: Planes, other: Planes): Record<keyof Planes, number> {
  const of = (plane: keyof Planes): number => {
    const [a, b] = [one[plane], other[plane]];
    if (a.length !== b.length) return Number.NaN;
    let squares = 0;
    for (let i = 0; i < a.length; i++) squares += (a[i]! - b[i]!) ** 2;
    return 10 * Math.log10((255 ** 2 * a.length) / squares);
  };
  return { Y: of('Y'), U: of('U'), V: of('V') };
}
