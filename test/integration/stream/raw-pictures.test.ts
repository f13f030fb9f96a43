import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { jpegSampling, RAW_FOURCCS, RAW_LAYOUTS } from '../../../src/capture/raw/raw-layout.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { rtpJpegForm } from '../../../src/rtp/jpeg-form.ts';
import type { Colorimetry } from '../../../src/v4l2/colorimetry.ts';
import { encodeOnce } from '../../support/encode-once.ts';
import { type PictureSize, type Planes, psnr } from '../../support/planes.ts';
import { expectedPlanes, jpegPlanes, padLines, rawBytes, referenceRgb } from '../../support/raw-pictures.ts';

/**
 * Raw pictures made by the real ffmpeg, encoded by us, decoded by the real ffmpeg. The bound is far above what swapped
 * planes (10 to 20 dB), a wrong stride (10 dB) or a wrong range (21 to 27 dB) leave over.
 */
const LEAST_DB = 40;
const QUALITY = 95;
const FULL: Colorimetry = { matrix: 'bt601', range: 'full' };
const LIMITED: Colorimetry = { matrix: 'bt601', range: 'limited' };

const isRgb = (fourcc: string): boolean => RAW_LAYOUTS[fourcc]?.kind === 'pixels';
const samplingOf = (fourcc: string) => jpegSampling(RAW_LAYOUTS[fourcc]!);

/** A picture of a size, and what its JPEGs should decode to. */
function scene(size: PictureSize) {
  const rgb = referenceRgb(size);
  const planes = { '4:2:0': expectedPlanes(rgb, size, '4:2:0'), '4:2:2': expectedPlanes(rgb, size, '4:2:2') };
  return { size, rgb, planes };
}

type Scene = ReturnType<typeof scene>;

async function encode({ rgb, size }: Scene, fourcc: string, colours: Colorimetry, bytesPerLine = 0) {
  const tight = rawBytes(fourcc, rgb, size, colours);
  const raw = bytesPerLine === 0 ? tight : padLines(fourcc, tight, size, bytesPerLine);
  return encodeOnce({ fourcc, ...size, bytesPerLine }, colours, raw, QUALITY);
}

/** Grey has no colours to compare: its chroma must be neutral. */
function assertLike(
  jpeg: Uint8Array,
  fourcc: string,
  { planes, size }: Scene,
  least: Partial<Record<keyof Planes, number>> = {},
) {
  const sampling = samplingOf(fourcc);
  const decoded = jpegPlanes(jpeg, size, sampling);
  const { Y, U, V } = psnr(decoded, planes[sampling]);
  assert.ok(Y > (least.Y ?? LEAST_DB), `Y has ${Y} dB`);
  if (fourcc === 'GREY') {
    assert.deepEqual(new Set([...decoded.U, ...decoded.V]), new Set([128]));
    return;
  }
  assert.ok(U > (least.U ?? LEAST_DB), `U has ${U} dB`);
  assert.ok(V > (least.V ?? LEAST_DB), `V has ${V} dB`);
}

describe('A raw picture becomes a JPEG that looks the same', () => {
  const even = scene({ width: 320, height: 240 });
  for (const fourcc of RAW_FOURCCS) {
    test(`from ${fourcc} of full range`, async () => assertLike(await encode(even, fourcc, FULL), fourcc, even));
    if (isRgb(fourcc)) continue;
    test(`from ${fourcc} of limited range, with padded lines`, async () =>
      assertLike(await encode(even, fourcc, LIMITED, 1024), fourcc, even));
  }

  for (const fourcc of ['YUYV', 'NV12']) {
    test(`from ${fourcc} of BT.709`, async () => {
      const jpeg = await encode(even, fourcc, { matrix: 'bt709', range: 'limited' });
      assertLike(jpeg, fourcc, even, { U: 33 }); // libyuv's strongest blue is a little pale; unconverted: Y 21, U 27
    });
  }

  // Odd sides, and sides that are no multiples of an MCU. Of RGB ffmpeg makes chroma of odd width its own way.
  const odd = scene({ width: 97, height: 65 });
  for (const fourcc of ['YUYV', 'UYVY', 'NV12', 'NV16', 'YU12', '422P', 'GREY', 'RGB3', 'XR24']) {
    test(`from ${fourcc} of 97x65`, async () => {
      const jpeg = await encode(odd, fourcc, isRgb(fourcc) ? FULL : LIMITED);
      assertLike(jpeg, fourcc, odd, isRgb(fourcc) ? { U: 20, V: 20 } : {});
    });
  }

  test('that libjpeg decodes without a warning, too', async () => {
    const { Y } = even.planes['4:2:2'];
    const grey = execFileSync('djpeg', ['-strict', '-grayscale', '-pnm'], {
      input: await encode(even, 'YUYV', LIMITED),
    });
    const luma = grey.subarray(grey.length - Y.length);
    const side = even.planes['4:2:2'];
    assert.ok(psnr({ ...side, Y: luma }, side).Y > LEAST_DB);
  });
});

test('A flat raw picture of odd size stays flat up to its edges', async () => {
  const size = { width: 97, height: 65 };
  const raw = new Uint8Array(97 * 65 + 2 * 49 * 33).fill(100);
  const jpeg = await encodeOnce({ fourcc: 'YU12', ...size, bytesPerLine: 0 }, FULL, raw, QUALITY);
  assert.deepEqual(new Set(jpegPlanes(jpeg, size, '4:2:0').Y), new Set([100]));
});

test('A raw picture of any format becomes a JPEG that RTP carries as it is', async () => {
  const { width, height } = { width: 97, height: 65 };
  for (const fourcc of RAW_FOURCCS) {
    const raw = new Uint8Array(4 * 98 * 66).map((_, i) => (i * 7) & 255);
    const jpeg = await encodeOnce({ fourcc, width, height, bytesPerLine: 0 }, LIMITED, raw, QUALITY);
    const layout = walkJpeg(jpeg);
    assert.ok(typeof layout !== 'string', `${fourcc}: ${String(layout)}`);
    const form = rtpJpegForm(layout, jpeg);
    assert.ok(typeof form !== 'string', `${fourcc}: ${String(form)}`);
    assert.deepEqual([layout.width, layout.height, layout.huffman], [width, height, 'standard']);
    assert.deepEqual([form.type, form.width8, form.height8], [samplingOf(fourcc) === '4:2:2' ? 0 : 1, 13, 9]);
  }
});
