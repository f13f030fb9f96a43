import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFfmpegVersion } from '../../../../src/record/ffmpeg/ffmpeg-build.ts';

const printed = (version: string, libavutil: string): string =>
  [
    `ffmpeg version ${version} Copyright (c) 2000-2026 the FFmpeg developers`,
    'built with gcc 12 (Debian 12.2.0-14)',
    'configuration: --prefix=/usr --libavutil-not-this 1. 2.3',
    `libavutil      ${libavutil} / ${libavutil}`,
    'libavcodec     59. 37.100 / 59. 37.100',
  ].join('\n');

for (const [version, libavutil, option] of [
  ['4.2.7-0ubuntu0.1', '56. 31.100', '-vsync'],
  ['N-47683-g0e8eb07980-static', '56. 24.101', '-vsync'],
  ['5.0.1', '57. 17.100', '-vsync'],
  ['5.1.9-0+deb12u1', '57. 28.100', '-fps_mode'],
  ['6.1.1-3ubuntu5', '58. 29.100', '-fps_mode'],
  ['7.0.2-static', '59.  8.100', '-fps_mode'],
  ['8.0', '60.  8.100', '-fps_mode'],
] as const) {
  test(`ffmpeg ${version} is told to pass frames through by ${option}`, () => {
    const build = parseFfmpegVersion(printed(version, libavutil));
    assert.deepEqual([build?.version, build?.passthrough], [version, option]);
  });
}

test('another program is not taken for ffmpeg', () => {
  assert.equal(parseFfmpegVersion('GNU bash, version 5.2.15(1)-release'), undefined);
});

test('the fingerprint of an ffmpeg changes with its build and with nothing else', () => {
  const build = (text: string): string | undefined => parseFfmpegVersion(text)?.fingerprint;
  const text = printed('5.1.9', '57. 28.100');
  assert.equal(build(text), build(text));
  assert.notEqual(build(text), build(text.replace('--prefix=/usr', '--prefix=/usr --enable-nvmpi')));
});
