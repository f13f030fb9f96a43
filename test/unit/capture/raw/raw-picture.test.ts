import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawPicture } from '../../../../src/capture/raw/raw-picture.ts';
import type { Format } from '../../../../src/v4l2/format.ts';

const FORMAT: Format = {
  fourcc: 'YUYV',
  width: 640,
  height: 480,
  bytesPerLine: 1280,
  imageBytes: 614_400,
  planes: [{ bytesPerLine: 1280, imageBytes: 614_400 }],
  field: 'none',
  colours: { colorspace: 8, encoding: 0, quantization: 0 },
};

const SRGB = 8;
const REC709 = 3;
const BT2020 = 10;
const SMPTE240M = 2;
const FULL = 1;

for (const [what, change, refusal] of [
  ['that it does not know', { fourcc: 'H264' }, 'format_unknown'],
  ['whose fields are interlaced', { field: 'interlaced' }, 'interlaced'],
  ['that gives fields in turn', { field: 'alternate' }, 'interlaced'],
  ['whose planes lie apart', { planes: [FORMAT.planes[0]!, FORMAT.planes[0]!] }, 'planes_apart'],
  ['whose lines are too short', { bytesPerLine: 1279 }, 'line_too_short'],
  ['of odd width whose last pixel has no colour', { width: 639, bytesPerLine: 1278 }, 'line_too_short'],
] as const) {
  test(`rawPicture refuses a format ${what}`, () => {
    assert.equal(rawPicture({ ...FORMAT, ...change }, 'auto'), refusal);
  });
}

for (const [fourcc, size, bytesPerLine, expected] of [
  ['YUYV', [640, 480], 1280, { planes: [[0, 1280, 1280, 480]], bytes: 614_400 }],
  ['YUYV', [640, 480], 0, { planes: [[0, 1280, 1280, 480]], bytes: 614_400 }],
  ['YUYV', [640, 480], 1536, { planes: [[0, 1536, 1280, 480]], bytes: 737_024 }],
  [
    'NV12',
    [640, 480],
    704,
    {
      planes: [
        [0, 704, 640, 480],
        [337_920, 704, 640, 240],
      ],
      bytes: 506_816,
    },
  ],
  [
    'YU12',
    [640, 480],
    704,
    {
      planes: [
        [0, 704, 640, 480],
        [337_920, 352, 320, 240],
        [422_400, 352, 320, 240],
      ],
      bytes: 506_848,
    },
  ],
  [
    '422P',
    [5, 3],
    0,
    {
      planes: [
        [0, 5, 5, 3],
        [15, 3, 3, 3],
        [24, 3, 3, 3],
      ],
      bytes: 33,
    },
  ],
  [
    'NV12',
    [5, 3],
    5,
    {
      planes: [
        [0, 5, 5, 3],
        [15, 6, 6, 2],
      ],
      bytes: 27,
    },
  ],
  ['GREY', [640, 480], 640, { planes: [[0, 640, 640, 480]], bytes: 307_200 }],
  ['RGB3', [640, 480], 1920, { planes: [[0, 1920, 1920, 480]], bytes: 921_600 }],
  ['XR24', [640, 480], 2560, { planes: [[0, 2560, 2560, 480]], bytes: 1_228_800 }],
] as const) {
  test(`rawPicture finds the planes of ${fourcc} of ${size.join('x')} with ${bytesPerLine} bytes a line`, () => {
    const [width, height] = size;
    const picture = rawPicture({ ...FORMAT, fourcc, width, height, bytesPerLine }, 'auto');
    assert.ok(typeof picture !== 'string', String(picture));
    const planes = picture.geometry.planes.map(({ offset, stride, lineBytes, lines }) => [
      offset,
      stride,
      lineBytes,
      lines,
    ]);
    assert.deepEqual({ planes, bytes: picture.geometry.bytes }, expected);
  });
}

for (const [what, fourcc, colours, setting, treatment, isExact] of [
  ['full range as it is', 'YUYV', { colorspace: SRGB, quantization: FULL }, 'auto', 'none', true],
  ['what the driver leaves to the default as limited', 'YUYV', { colorspace: SRGB }, 'auto', 'stretch', true],
  ['limited range as full where the config says so', 'YUYV', { colorspace: SRGB }, 'full', 'none', true],
  [
    'full range as limited where the config says so',
    'NV12',
    { colorspace: SRGB, quantization: FULL },
    'limited',
    'stretch',
    true,
  ],
  ['BT.709 over RGB', 'NV12', { colorspace: REC709 }, 'auto', 'from_bt709', true],
  ['BT.2020 over RGB', 'YUYV', { colorspace: BT2020 }, 'auto', 'from_bt2020', true],
  [
    'BT.709 of full range as it is, not quite exactly',
    'YUYV',
    { colorspace: REC709, quantization: FULL },
    'auto',
    'none',
    false,
  ],
  ['SMPTE 240M as BT.601, not quite exactly', 'YUYV', { colorspace: SMPTE240M }, 'auto', 'stretch', false],
  ['grey, which no matrix concerns, exactly', 'GREY', { colorspace: REC709 }, 'auto', 'stretch', true],
  ['RGB as it is', 'RGB3', { colorspace: SRGB }, 'auto', 'none', true],
  ['RGB of limited range not quite exactly', 'RGB3', { colorspace: SRGB, quantization: 2 }, 'auto', 'none', false],
] as const) {
  test(`rawPicture reads ${what}`, () => {
    const picture = rawPicture(
      { ...FORMAT, fourcc, bytesPerLine: 0, colours: { encoding: 0, quantization: 0, ...colours } },
      setting,
    );
    assert.ok(typeof picture !== 'string');
    assert.deepEqual([picture.colours.treatment, picture.colours.isExact], [treatment, isExact]);
  });
}
