import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StructLayout } from '../../../src/native/struct-layout.ts';
import { readColorimetry } from '../../../src/v4l2/colorimetry.ts';
import * as requests from '../../../src/v4l2/ioctl-numbers.ts';
import { assertKernelLayouts } from '../../../src/v4l2/kernel-structs.ts';
import * as layouts from '../../../src/v4l2/struct-layouts.ts';

/** Compile and run a C program that prints lines "NAME VALUE"; gcc is the peer that knows the kernel's header. */
function askCompiler(expressions: readonly (readonly [name: string, expression: string])[]): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-header-'));
  try {
    const prints = expressions.map(([name, value]) => `  printf("%s %lu\\n", "${name}", (unsigned long)(${value}));`);
    const program = [
      '#include <stdio.h>',
      '#include <stddef.h>',
      '#include <linux/videodev2.h>',
      'int main(void) {',
      ...prints,
      '  return 0;',
      '}',
    ];
    writeFileSync(join(folder, 'ask.c'), program.join('\n'));
    execFileSync('gcc', ['-o', join(folder, 'ask'), join(folder, 'ask.c')]);
    const lines = execFileSync(join(folder, 'ask'), { encoding: 'utf8' }).trim().split('\n');
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const tables: readonly StructLayout[] = Object.values(layouts);

test('The struct tables have the sizes and offsets of <linux/videodev2.h>', () => {
  const expected = tables.flatMap(({ name, size, at }) => [
    [`sizeof ${name}`, size] as const,
    ...Object.entries(at).map(([path, offset]) => [`${name} ${path}`, offset] as const),
  ]);
  const asked = tables.flatMap(({ name, at }) => [
    [`sizeof ${name}`, `sizeof(${name})`] as const,
    ...Object.keys(at).map((path) => [`${name} ${path}`, `offsetof(${name}, ${path})`] as const),
  ]);
  assert.ok(asked.length > 60);
  assert.deepEqual(Object.fromEntries(expected), askCompiler(asked));
});

test('The ioctl requests are those of <linux/videodev2.h>', () => {
  const names = Object.keys(requests);
  assert.ok(names.length > 15);
  assert.deepEqual({ ...requests }, askCompiler(names.map((name) => [name, name])));
});

test('The C declarations of the structs agree with the tables on this machine', () => {
  assertKernelLayouts();
});

test('Colours that a driver leaves to the default are read as the macros of <linux/videodev2.h> say', () => {
  const matrices = ['', 'bt601', 'bt709', 'bt601', 'bt709', 'bt601', 'bt2020', 'bt2020', 'smpte240m'];
  const cases = Array.from({ length: 13 }, (_, colorspace) => colorspace);
  const asked = askCompiler(
    cases.flatMap((colorspace) => [
      [`matrix ${colorspace}`, `V4L2_MAP_YCBCR_ENC_DEFAULT(${colorspace})`] as const,
      [`yuv ${colorspace}`, `V4L2_MAP_QUANTIZATION_DEFAULT(0, ${colorspace}, 0)`] as const,
      [`rgb ${colorspace}`, `V4L2_MAP_QUANTIZATION_DEFAULT(1, ${colorspace}, 0)`] as const,
    ]),
  );
  for (const colorspace of cases) {
    const yuv = readColorimetry({ colorspace, encoding: 0, quantization: 0 }, false);
    assert.equal(yuv.matrix, matrices[asked[`matrix ${colorspace}`]!]);
    assert.equal(yuv.range, ['', 'full', 'limited'][asked[`yuv ${colorspace}`]!]);
    const rgb = readColorimetry({ colorspace, encoding: 0, quantization: 0 }, true);
    assert.equal(rgb.range, ['', 'full', 'limited'][asked[`rgb ${colorspace}`]!]);
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
