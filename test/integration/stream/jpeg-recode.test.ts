import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { JpegLayout } from '../../../src/jpeg/layout.ts';
import { planRecode, type RecodeWish } from '../../../src/jpeg/recode/plan-recode.ts';
import { recodeJpeg } from '../../../src/jpeg/recode/recode-jpeg.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { rtpJpegForm } from '../../../src/rtp/jpeg-form.ts';
import { ffmpegJpegs } from '../../support/jpegs.ts';
import { splitJpegs } from '../../support/mjpeg-pictures.ts';

const folder = mkdtempSync(join(tmpdir(), 'jpeg-recode-'));
after(() => rmSync(folder, { recursive: true }));

const run = (program: string, args: readonly string[], input?: Uint8Array): Buffer =>
  execFileSync(program, args, { input, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 28 });

// --- sources ---------------------------------------------------------------------------------------------------------

/** Whole MCUs, parts of them, less than one block, and less than one MCU more than whole ones. */
const SIZES = ['64x48', '330x250', '1x1', '17x33', '9x8'];
const QUALITIES = [10, 75, 100];
/** Rows of MCUs, and MCUs (B). */
const RESTARTS = [[], ['-restart', '1'], ['-restart', '3B'], ['-restart', '1B']];

/** A piece of a test picture with noise, so that it has coefficients of all kinds. */
function scene(size: string): string {
  const path = join(folder, `${size}.ppm`);
  const crop = size.replace('x', ':');
  const source = `testsrc2=s=352x288,format=rgb24,noise=alls=30:all_seed=1,crop=${crop}`;
  run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-frames:v', '1', path]);
  return path;
}

/** One picture per quality and kind of restart markers. */
function cjpegs(size: string, ...options: string[]): Uint8Array[] {
  const ppm = scene(size);
  return QUALITIES.flatMap((quality) =>
    RESTARTS.map((restart) => run('cjpeg', ['-baseline', '-quality', String(quality), ...restart, ...options, ppm])),
  );
}

// --- recoding --------------------------------------------------------------------------------------------------------

function layoutOf(bytes: Uint8Array): JpegLayout {
  const layout = walkJpeg(bytes);
  if (typeof layout === 'string') assert.fail(layout);
  return layout;
}

function recoded(bytes: Uint8Array, restartMarkers: RecodeWish['restartMarkers'], huffman?: 'other'): Uint8Array {
  const layout = layoutOf(bytes);
  const plan = planRecode({ ...layout, huffman: huffman ?? layout.huffman }, bytes, { restartMarkers });
  if (plan === 'not_needed') return bytes;
  if (typeof plan === 'string') assert.fail(plan);
  const out = new Uint8Array(plan.capacityBytes);
  const length = recodeJpeg(bytes, layout, plan, out);
  if (typeof length === 'string') assert.fail(length);
  return out.subarray(0, length);
}

function assertSendable(bytes: Uint8Array): void {
  const form = rtpJpegForm(layoutOf(bytes), bytes);
  assert.equal(typeof form, 'object', `refused as ${String(form)}`);
}

// --- what the peers say ----------------------------------------------------------------------------------------------

/** All planes of pictures of one size and kind, as ffmpeg decodes them, without conversion. */
const planes = (jpegs: readonly Uint8Array[], ...options: string[]): Buffer =>
  run('ffmpeg', ['-v', 'error', '-f', 'mjpeg', '-i', '-', ...options, '-f', 'rawvideo', '-'], Buffer.concat(jpegs));

/** The picture as libjpeg decodes it. */
const pixels = (jpeg: Uint8Array): Buffer => run('djpeg', [], jpeg);

/** The coefficients, coded by libjpeg with tables made for them: equal exactly when the coefficients and tables are. */
const optimised = (jpeg: Uint8Array, ...options: string[]): Buffer =>
  run('jpegtran', ['-copy', 'none', '-optimize', ...options], jpeg);

function assertSamePlanes(before: readonly Uint8Array[], after: readonly Uint8Array[]): void {
  for (const picture of after) assertSendable(picture);
  const expected = planes(before);
  assert.ok(expected.length > 0);
  assert.ok(planes(after).equals(expected), 'ffmpeg sees other planes');
}

// --- cjpeg -----------------------------------------------------------------------------------------------------------

for (const sampling of ['2x2', '2x1']) {
  for (const size of SIZES) {
    test(`recodeJpeg keeps planes and coefficients of optimised ${sampling} pictures of ${size}`, () => {
      const before = cjpegs(size, '-optimize', '-sample', sampling);
      const expected = before.map((picture) => optimised(picture));
      for (const restartMarkers of ['keep', 'strip'] as const) {
        const after = before.map((picture) => recoded(picture, restartMarkers));
        assertSamePlanes(before, after);
        for (const [i, picture] of after.entries()) assert.ok(optimised(picture).equals(expected[i]!));
      }
    });
  }
}

for (const sampling of ['2x2', '2x1']) {
  test(`recodeJpeg writes the ${sampling} scan that cjpeg writes with the standard tables`, () => {
    const optimised = cjpegs('330x250', '-optimize', '-sample', sampling);
    const standard = cjpegs('330x250', '-sample', sampling);
    for (const [i, picture] of optimised.entries()) {
      assert.deepEqual(scanOf(recoded(picture, 'keep')), scanOf(standard[i]!));
      assert.deepEqual(scanOf(recoded(standard[i]!, 'keep', 'other')), scanOf(standard[i]!));
    }
  });
}

test('recodeJpeg writes the scan that cjpeg writes without restart markers when it strips them', () => {
  const pictures = cjpegs('330x250', '-sample', '2x2');
  for (const [i, picture] of pictures.entries()) {
    const bare = pictures[i - (i % RESTARTS.length)]!;
    assert.deepEqual(scanOf(recoded(picture, 'strip')), scanOf(bare));
  }
});

for (const size of SIZES) {
  test(`recodeJpeg keeps luma and coefficients of grayscale pictures of ${size} and makes chroma mid grey`, () => {
    for (const options of [['-grayscale'], ['-grayscale', '-optimize']]) {
      const before = cjpegs(size, ...options);
      const after = before.map((picture) => recoded(picture, 'keep'));
      for (const picture of after) assertSendable(picture);
      assert.ok(planes(after, '-vf', 'extractplanes=y').equals(planes(before, '-pix_fmt', 'gray')));
      for (const plane of ['u', 'v']) {
        assert.ok(planes(after, '-vf', `extractplanes=${plane}`).every((sample) => sample === 128));
      }
      for (const [i, picture] of after.entries()) {
        assert.ok(optimised(picture, '-grayscale').equals(optimised(before[i]!)));
      }
    }
  });
}

// --- ffmpeg ----------------------------------------------------------------------------------------------------------

const FFMPEG = {
  'optimised 4:2:0': ['-pix_fmt', 'yuvj420p', '-huffman', 'optimal'],
  'optimised 4:2:0 in slices': [
    '-pix_fmt',
    'yuvj420p',
    '-huffman',
    'optimal',
    '-threads',
    '4',
    '-thread_type',
    'slice',
  ],
  '4:2:0 in slices': ['-pix_fmt', 'yuvj420p', '-huffman', 'default', '-threads', '4', '-thread_type', 'slice'],
  'optimised 4:2:2 in MCUs of 16x16': ['-pix_fmt', 'yuvj422p', '-huffman', 'optimal'],
  '4:2:2 in MCUs of 16x16': ['-pix_fmt', 'yuvj422p', '-huffman', 'default'],
  '4:2:2 in slices': ['-pix_fmt', 'yuvj422p', '-huffman', 'default', '-threads', '4', '-thread_type', 'slice'],
};

for (const [what, options] of Object.entries(FFMPEG)) {
  for (const size of ['320x240', '330x250', '18x34']) {
    test(`recodeJpeg keeps the planes of ffmpeg's ${what} of ${size}`, () => {
      const before = [2, 8, 31].flatMap((q) => splitJpegs(ffmpegJpegs(3, size, [...options, '-q:v', String(q)])));
      const after = before.map((picture) => recoded(picture, 'strip'));
      for (const picture of after) assert.equal(layoutOf(picture).restartInterval, 0);
      assertSamePlanes(before, after);
      for (const [i, picture] of after.entries())
        assert.ok(pixels(picture).equals(pixels(before[i]!)), 'djpeg sees others');
    });
  }
}

test("ffmpeg's slices are a source with restart markers", () => {
  const [picture] = splitJpegs(ffmpegJpegs(1, '320x240', FFMPEG['4:2:0 in slices']));
  assert.ok(layoutOf(picture!).restartInterval > 0);
});

function scanOf(bytes: Uint8Array): Uint8Array {
  const { scanStart, scanEnd } = layoutOf(bytes);
  return Uint8Array.from(bytes.subarray(scanStart, scanEnd));
}
