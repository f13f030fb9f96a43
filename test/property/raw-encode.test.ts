import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jpegSampling, RAW_FOURCCS, RAW_LAYOUTS } from '../../src/capture/raw/raw-layout.ts';
import { walkJpeg } from '../../src/jpeg/walk.ts';
import { AS_IS, encodeOnce } from '../support/encode-once.ts';
import { padLines } from '../support/raw-pictures.ts';

const RUNS = { numRuns: 60, seed: 20260801 };
const LIMITED = { matrix: 'bt601', range: 'limited' } as const;

/** Planes of samples, of which every layout of the same chroma is made. */
interface Samples {
  readonly width: number;
  readonly height: number;
  readonly seed: number;
}

const samples = fc.record({
  width: fc.integer({ min: 16, max: 70 }),
  height: fc.integer({ min: 16, max: 50 }),
  seed: fc.nat(255),
});

/** Something between noise and a slope. */
const plane = (width: number, height: number, seed: number): Uint8Array =>
  Uint8Array.from(
    { length: width * height },
    (_, i) => (i % width) * 3 + Math.floor(i / width) * seed + ((i * seed) & 15),
  );

/** The samples in a layout without padding. */
function lay(fourcc: string, { width, height, seed }: Samples): Uint8Array {
  const layout = RAW_LAYOUTS[fourcc]!;
  if (layout.kind === 'gray' || layout.kind === 'pixels') throw new Error(`${fourcc} has no chroma`);
  const [halfWidth, chromaHeight] = [Math.ceil(width / 2), layout.chroma === '4:2:0' ? Math.ceil(height / 2) : height];
  const y = plane(width, height, seed);
  const chroma = [plane(halfWidth, chromaHeight, seed + 50), plane(halfWidth, chromaHeight, seed + 90)];
  const [first, second] = layout.swapped ? chroma.toReversed() : chroma;
  const pairs = Uint8Array.from(
    { length: 2 * halfWidth * chromaHeight },
    (_, i) => (i % 2 === 0 ? first : second)![i >> 1]!,
  );
  if (layout.kind === 'planes') return Buffer.concat([y, first!, second!]);
  if (layout.kind === 'pairs') return Buffer.concat([y, pairs]);
  const lumaAt = layout.kind === 'yuyv' ? 0 : 1;
  return Uint8Array.from({ length: 4 * halfWidth * height }, (_, i) => {
    const line = Math.floor(i / (4 * halfWidth));
    const pixel = (i % (4 * halfWidth)) >> 1;
    return i % 2 === lumaAt ? y[line * width + Math.min(pixel, width - 1)]! : pairs[i >> 1]!;
  });
}

const withChroma = (chroma: '4:2:0' | '4:2:2'): string[] =>
  RAW_FOURCCS.filter((fourcc) => {
    const layout = RAW_LAYOUTS[fourcc]!;
    return layout.kind !== 'gray' && layout.kind !== 'pixels' && jpegSampling(layout) === chroma;
  });

for (const [chroma, reference] of [
  ['4:2:0', 'YU12'],
  ['4:2:2', '422P'],
] as const) {
  test(`the same ${chroma} samples give the same JPEG in any layout and with any padding [property]`, async () => {
    const fourcc = fc.constantFrom(...withChroma(chroma));
    await fc.assert(
      fc.asyncProperty(samples, fourcc, fc.nat(100), fc.boolean(), async (wanted, name, padding, isLimited) => {
        const { width, height } = wanted;
        const colours = isLimited ? LIMITED : AS_IS;
        const tight = { width, height, bytesPerLine: 0 };
        const expected = await encodeOnce({ ...tight, fourcc: reference }, colours, lay(reference, wanted), 90);
        const isPacked = RAW_LAYOUTS[name]!.kind === 'yuyv' || RAW_LAYOUTS[name]!.kind === 'uyvy';
        const bytesPerLine = (isPacked ? 4 : 2) * Math.ceil(width / 2) + padding;
        const padded = padLines(name, lay(name, wanted), wanted, bytesPerLine);
        const jpeg = await encodeOnce({ fourcc: name, width, height, bytesPerLine }, colours, padded, 90);
        assert.deepEqual(Buffer.from(jpeg), Buffer.from(expected));
      }),
      RUNS,
    );
  });
}

test('pixels and grey give the same JPEG with any padding, of the size that went in [property]', async () => {
  const fourcc = fc.constantFrom(...RAW_FOURCCS.filter((name) => ['pixels', 'gray'].includes(RAW_LAYOUTS[name]!.kind)));
  await fc.assert(
    fc.asyncProperty(
      samples,
      fourcc,
      fc.integer({ min: 1, max: 100 }),
      async ({ width, height, seed }, name, padding) => {
        const layout = RAW_LAYOUTS[name]!;
        const lineBytes = width * (layout.kind === 'pixels' ? layout.order.length : 1);
        const tight = plane(lineBytes, height, seed);
        const one = await encodeOnce({ fourcc: name, width, height, bytesPerLine: 0 }, AS_IS, tight, 90);
        const bytesPerLine = lineBytes + padding;
        const padded = padLines(name, tight, { width, height }, bytesPerLine);
        const other = await encodeOnce({ fourcc: name, width, height, bytesPerLine }, AS_IS, padded, 90);
        assert.deepEqual(Buffer.from(one), Buffer.from(other));
        const walked = walkJpeg(one);
        assert.ok(typeof walked !== 'string');
        assert.deepEqual([walked.width, walked.height], [width, height]);
      },
    ),
    RUNS,
  );
});
