import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StructLayout } from '../../../src/native/struct-layout.ts';
import { readColorimetry } from '../../../src/v4l2/colorimetry.ts';
import * as requests from '../../../src/v4l2/ioctl-numbers.ts';
import * as constants from '../../../src/v4l2/kernel-constants.ts';
import * as layouts from '../../../src/v4l2/struct-layouts.ts';
import { COMPILERS, type Cpu, cConstants } from '../../support/c-constants.ts';

// C compilers are the peers that know the kernel's header.
const HEADERS = ['stddef.h', 'linux/videodev2.h'];

const tables: readonly StructLayout[] = Object.values(layouts);
const cpus = Object.keys(COMPILERS) as Cpu[];

for (const cpu of cpus) {
  test(`The struct tables have the sizes and offsets that <linux/videodev2.h> has on ${cpu}`, () => {
    const expected = tables.flatMap(({ name, size, at }) => [
      [`sizeof(${name})`, size] as const,
      ...Object.entries(at).map(([path, offset]) => [`offsetof(${name}, ${path})`, offset] as const),
    ]);
    assert.ok(expected.length > 150);
    assert.deepEqual(new Map(expected), cConstants(cpu, HEADERS, new Map(expected).keys()));
  });

  test(`The ioctl requests are those that <linux/videodev2.h> has on ${cpu}`, () => {
    const expected = Object.entries(requests);
    assert.ok(expected.length > 30);
    assert.deepEqual(new Map(expected), cConstants(cpu, HEADERS, Object.keys(requests)));
  });

  test(`The constants are those that <linux/videodev2.h> has on ${cpu}`, () => {
    const expected = Object.entries(constants);
    assert.ok(expected.length > 80);
    assert.deepEqual(new Map(expected), cConstants(cpu, HEADERS, Object.keys(constants)));
  });
}

test('Colours that a driver leaves to the default are read as the macros of <linux/videodev2.h> say', () => {
  const matrices = ['', 'bt601', 'bt709', 'bt601', 'bt709', 'bt601', 'bt2020', 'bt2020', 'smpte240m'];
  const cases = Array.from({ length: 13 }, (_, colorspace) => colorspace);
  const matrixOf = (colorspace: number) => `V4L2_MAP_YCBCR_ENC_DEFAULT(${colorspace})`;
  const rangeOf = (isRgb: 0 | 1, colorspace: number) => `V4L2_MAP_QUANTIZATION_DEFAULT(${isRgb}, ${colorspace}, 0)`;
  const asked = cConstants(
    'x64',
    HEADERS,
    cases.flatMap((colorspace) => [matrixOf(colorspace), rangeOf(0, colorspace), rangeOf(1, colorspace)]),
  );
  const ranges = ['', 'full', 'limited'];
  for (const colorspace of cases) {
    const yuv = readColorimetry({ colorspace, encoding: 0, quantization: 0 }, false);
    assert.equal(yuv.matrix, matrices[asked.get(matrixOf(colorspace))!]);
    assert.equal(yuv.range, ranges[asked.get(rangeOf(0, colorspace))!]);
    const rgb = readColorimetry({ colorspace, encoding: 0, quantization: 0 }, true);
    assert.equal(rgb.range, ranges[asked.get(rangeOf(1, colorspace))!]);
  }
});

test('Colours that a driver names are read as named, whatever the colorspace', () => {
  const named = { colorspace: 7, encoding: 2, quantization: 2 };
  assert.deepEqual(readColorimetry(named, false), { matrix: 'bt709', range: 'limited' });
  assert.deepEqual(readColorimetry({ ...named, encoding: 6, quantization: 1 }, true), {
    matrix: 'bt2020',
    range: 'full',
  });
});
