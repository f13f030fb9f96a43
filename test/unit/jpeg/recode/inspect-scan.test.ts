import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JpegLayout } from '../../../../src/jpeg/layout.ts';
import { inspectScan } from '../../../../src/jpeg/recode/inspect-scan.ts';
import { walkJpeg } from '../../../../src/jpeg/walk.ts';
import { decodeLuma, syntheticJpeg } from '../../../support/jpegs.ts';

/** One JPEG by the real ffmpeg, of a lavfi source. */
function picture(source: string, ...args: readonly string[]): Uint8Array {
  const input = ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', '1', '-pix_fmt', 'yuvj422p'];
  return new Uint8Array(execFileSync('ffmpeg', [...input, '-c:v', 'mjpeg', ...args, '-f', 'mjpeg', '-']));
}

/** Recoded by the real libjpeg. */
const transformed = (jpeg: Uint8Array, ...args: readonly string[]): Uint8Array =>
  new Uint8Array(execFileSync('jpegtran', args, { input: jpeg }));

function inspect(jpeg: Uint8Array) {
  const layout = walkJpeg(jpeg);
  assert.ok(typeof layout !== 'string', String(layout));
  return inspectScan(jpeg, layout);
}

function facts(jpeg: Uint8Array) {
  const inspection = inspect(jpeg);
  assert.ok(typeof inspection !== 'string', String(inspection));
  return inspection;
}

for (const color of ['black', '0x404040', 'white', 'red', 'blue']) {
  for (const [what, args] of [
    ['', []],
    [' in 4:2:0', ['-pix_fmt', 'yuvj420p']],
    [' in 4:4:4', ['-pix_fmt', 'yuvj444p']],
    [' in gray', ['-pix_fmt', 'gray']],
    [' with optimised tables', ['-huffman', 'optimal']],
  ] as const) {
    test(`a picture that is all ${color}${what} is even, at the level that it decodes to`, () => {
      const jpeg = picture(`color=${color}:s=640x360`, ...args);
      const [luma] = decodeLuma(jpeg, 640, 360);
      const { evenness, level } = facts(jpeg);
      assert.equal(evenness, 1);
      assert.ok(Math.abs(level - luma![0]!) <= 5, `${level} instead of ${luma![0]}`);
    });
  }
}

test('a covered lens is even in spite of the noise of its sensor', () => {
  const { evenness, level } = facts(picture('color=0x080808:s=640x360,noise=alls=12:allf=t', '-q:v', '5'));
  assert.ok(evenness > 0.99, String(evenness));
  assert.ok(level < 30, String(level));
});

for (const source of ['testsrc2=s=640x360', 'mandelbrot=s=640x360', 'rgbtestsrc=s=640x360']) {
  test(`a picture of ${source} is not even`, () => assert.ok(facts(picture(source)).evenness < 0.9));
}

test('a dark scene with a light in it is even but for the light', () => {
  const { evenness } = facts(picture('color=black:s=640x360,drawbox=x=100:y=100:w=128:h=128:color=white:t=fill'));
  assert.ok(evenness > 0.9 && evenness < 0.96, String(evenness));
});

test('restart markers are gone past', () => {
  const jpeg = picture('testsrc2=s=640x352', '-pix_fmt', 'yuvj420p');
  assert.deepEqual(inspect(transformed(jpeg, '-restart', '3B')), inspect(jpeg));
});

test('a progressive picture is not judged', () => {
  assert.equal(inspect(transformed(picture('testsrc2=s=640x360'), '-progressive')), 'not_readable');
});

test('a picture whose scan is cut short is found out, though it ends with EOI', () => {
  const jpeg = picture('testsrc2=s=640x360');
  const cut = Buffer.concat([jpeg.subarray(0, jpeg.length * 0.7), Uint8Array.of(0xff, 0xd9)]);
  assert.equal(inspect(new Uint8Array(cut)), 'scan_too_short');
});

test('what stands behind the last block is found out, unless it is padding', () => {
  const jpeg = picture('testsrc2=s=640x360');
  const withMore = (more: Uint8Array): Uint8Array =>
    new Uint8Array(Buffer.concat([jpeg.subarray(0, -2), more, jpeg.subarray(-2)]));
  assert.equal(inspect(withMore(jpeg.subarray(2000, 2100))), 'scan_too_long');
  assert.deepEqual(inspect(withMore(new Uint8Array(100))), inspect(jpeg));
  assert.deepEqual(inspect(withMore(new Uint8Array(100).fill(0xff))), inspect(jpeg));
});

test('a picture in which a few bytes of every kilobyte are wrong is found out', () => {
  const jpeg = picture('testsrc2=s=640x360');
  const { scanStart, scanEnd } = walkJpeg(jpeg) as JpegLayout;
  for (let shift = 0; shift < 32; shift++) {
    const damaged = jpeg.slice();
    for (let at = scanStart + 10 * shift; at + 32 < scanEnd; at += 1024) {
      for (let i = at; i < at + 32; i++) damaged[i]! ^= 0x5a; // what test/vm/uvcsim does
    }
    assert.equal(typeof inspect(damaged), 'string', `shift ${shift}`);
  }
});

test('blocks that are far brighter than white are found out', () => {
  const jpeg = picture('testsrc2=s=640x360');
  const { quantTables } = walkJpeg(jpeg) as JpegLayout;
  jpeg[quantTables[0]!.offset] = 40; // the DC coefficients are as good as the codes for them, and all too large
  assert.equal(inspect(jpeg), 'dc_range');
});

test('inspecting never throws, whatever the scan', () => {
  const jpeg = syntheticJpeg();
  const { scanStart, scanEnd } = walkJpeg(jpeg) as JpegLayout;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: scanEnd - scanStart }), fc.nat(), (noise, at) => {
      const damaged = jpeg.slice();
      damaged.set(noise, scanStart + (at % (scanEnd - scanStart - noise.length + 1)));
      const layout = walkJpeg(damaged);
      if (typeof layout !== 'string') inspectScan(damaged, layout);
    }),
  );
});

test('a picture whose components are sampled 0 times is not readable', () => {
  const jpeg = syntheticJpeg();
  const sof = Buffer.from(jpeg).indexOf(Buffer.from([0xff, 0xc0]));
  for (const component of [0, 1, 2]) jpeg[sof + 11 + 3 * component] = 0;
  assert.equal(inspect(jpeg), 'not_readable');
});
