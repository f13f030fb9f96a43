import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestSize, type OfferedMode, rankModes, type WantedMode } from '../../../../src/capture/v4l2/rank-modes.ts';
import type { FrameRate } from '../../../../src/v4l2/frame-rate.ts';

const WANTED: WantedMode = { format: 'auto', width: 1280, height: 720, fps: 30 };

const rate = (fps: number): FrameRate => ({ kind: 'discrete', fps });

/** "MJPG 640x480 30,15" */
function mode(text: string): OfferedMode {
  const [fourcc = '', size = '', rates = ''] = text.split(' ');
  const [width = 0, height = 0] = size.split('x').map(Number);
  const fps = rates === '' ? [] : rates.split(',').map(Number);
  return { fourcc, isJpeg: fourcc === 'MJPG' || fourcc === 'JPEG', width, height, rates: fps.map(rate) };
}

const show = ({ fourcc, width, height }: OfferedMode): string => `${fourcc} ${width}x${height}`;

for (const [what, offered, wanted, expected] of [
  ['the size that is wanted', ['MJPG 640x480 30', 'MJPG 1280x720 30', 'MJPG 1920x1080 30'], {}, 'MJPG 1280x720'],
  [
    'the largest size within the wanted one',
    ['MJPG 640x480 30', 'MJPG 1024x576 30', 'MJPG 1920x1080 30'],
    {},
    'MJPG 1024x576',
  ],
  ['no size that is wider, however low', ['MJPG 640x480 30', 'MJPG 1300x100 30'], {}, 'MJPG 640x480'],
  ['a smaller size that reaches the rate', ['MJPG 1280x720 10', 'MJPG 800x600 30'], {}, 'MJPG 800x600'],
  ['29.97 for 30', ['MJPG 1280x720 29.97', 'MJPG 800x600 30'], {}, 'MJPG 1280x720'],
  ['a large size that lacks a sliver of rate', ['MJPG 160x120 30', 'MJPG 1280x720 29'], {}, 'MJPG 1280x720'],
  [
    'a large size that lacks a sixth of the rate',
    ['MJPG 320x240 30', 'MJPG 1920x1080 25'],
    { width: 1920, height: 1080 },
    'MJPG 1920x1080',
  ],
  ['half the rate before a quarter of the size', ['MJPG 600x360 30', 'MJPG 1280x720 15'], {}, 'MJPG 1280x720'],
  ['more than a quarter of the size before half the rate', ['MJPG 1280x720 15', 'MJPG 680x360 30'], {}, 'MJPG 680x360'],
  [
    'the smallest where none fits, whatever the rate',
    ['MJPG 1920x1080 30', 'MJPG 640x480 5'],
    { width: 320, height: 240 },
    'MJPG 640x480',
  ],
  [
    'the best of size and rate where no size reaches the rate',
    ['MJPG 320x240 50', 'MJPG 1280x720 30', 'MJPG 1280x700 15'],
    { fps: 60 },
    'MJPG 1280x720',
  ],
  [
    'the smallest size where none is within the wanted one',
    ['MJPG 1920x1080 30', 'MJPG 640x480 30'],
    { width: 320, height: 240 },
    'MJPG 640x480',
  ],
  [
    'the largest size where any rate will do',
    ['MJPG 1280x720 5', 'MJPG 640x480 30'],
    { fps: undefined },
    'MJPG 1280x720',
  ],
  ['a size of which the driver tells no rate', ['MJPG 1280x720', 'MJPG 640x480 30'], {}, 'MJPG 1280x720'],
  ['JPEG before a larger raw size', ['YUYV 1280x720 30', 'MJPG 640x480 30'], {}, 'MJPG 640x480'],
  ['JPEG before raw pictures that reach the rate', ['YUYV 1280x720 30', 'MJPG 1280x720 15'], {}, 'MJPG 1280x720'],
  [
    'a raw size within the wanted one before a JPEG that is larger',
    ['MJPG 1920x1080 30', 'YUYV 640x480 30'],
    {},
    'YUYV 640x480',
  ],
  ['the raw format that comes first of equal ones', ['NV12 640x480 30', 'YUYV 640x480 30'], {}, 'NV12 640x480'],
  ['the raw format that reaches the rate', ['NV12 1280x720 10', 'YUYV 640x480 30'], {}, 'YUYV 640x480'],
  ['the format that the config names', ['MJPG 1280x720 30', 'YUYV 640x480 30'], { format: 'YUYV' }, 'YUYV 640x480'],
] as const) {
  test(`rankModes puts first ${what}`, () => {
    const [first] = rankModes(offered.map(mode), { ...WANTED, ...wanted });
    assert.equal(first && show(first), expected);
  });
}

test('rankModes gives one mode of each format, the best first', () => {
  const offered = ['YUYV 640x480 30', 'YUYV 320x240 30', 'GREY 1280x720 30', 'MJPG 320x240 30', 'MJPG 160x120 30'];
  assert.deepEqual(rankModes(offered.map(mode), WANTED).map(show), ['MJPG 320x240', 'GREY 1280x720', 'YUYV 640x480']);
});

test('rankModes gives nothing when the camera does not have the format that the config names', () => {
  assert.deepEqual(rankModes([mode('MJPG 640x480 30')], { ...WANTED, format: 'NV12' }), []);
});

for (const [offered, wanted, why] of [
  [['MJPG 640x480 30'], {}, 'JPEG needs no encoding; its largest size within 1280x720 that reaches 30 fps'],
  [['YUYV 640x480 30'], { fps: undefined }, 'the camera offers no JPEG; its largest size within 1280x720'],
  [
    ['YUYV 640x480 30', 'MJPG 1920x1080 30'],
    {},
    'no JPEG size is within what is wanted; its largest size within 1280x720 that reaches 30 fps',
  ],
  [
    ['YUYV 640x480 15'],
    { format: 'YUYV' },
    'the config names this format; the best of size and rate within 1280x720, with 15 of 30 fps',
  ],
  [['MJPG 1920x1080 30'], {}, 'JPEG needs no encoding; its smallest size, as none is within 1280x720'],
] as const) {
  test(`rankModes says why: ${why}`, () => {
    assert.equal(rankModes(offered.map(mode), { ...WANTED, ...wanted })[0]?.why, why);
  });
}

test('rankModes says of raw pictures that they come after JPEG where a JPEG fits', () => {
  const [, raw] = rankModes(['MJPG 640x480 30', 'YUYV 640x480 30'].map(mode), WANTED);
  assert.equal(raw?.why, 'it comes after JPEG; its largest size within 1280x720 that reaches 30 fps');
});

const RANGE = {
  kind: 'range',
  minWidth: 48,
  maxWidth: 1000,
  stepWidth: 16,
  minHeight: 32,
  maxHeight: 800,
  stepHeight: 0,
} as const;

for (const [what, wanted, expected] of [
  ['the largest that is not above what is wanted', { width: 500, height: 333 }, { width: 496, height: 333 }],
  ['its largest', { width: 5000, height: 5000 }, { width: 992, height: 800 }],
  ['its smallest where that is above what is wanted', { width: 20, height: 20 }, { width: 48, height: 32 }],
] as const) {
  test(`nearestSize takes of a range ${what}`, () => {
    assert.deepEqual(nearestSize(RANGE, wanted), expected);
  });
}
