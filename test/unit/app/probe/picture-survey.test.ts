import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, test } from 'node:test';
import { PictureSurvey } from '../../../../src/app/probe/picture-survey.ts';
import { QuantSurvey } from '../../../../src/app/probe/quant-survey.ts';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { walkJpeg } from '../../../../src/jpeg/walk.ts';
import { ffmpegJpegs, frameOf, syntheticJpeg } from '../../../support/jpegs.ts';

/** A picture as raw pixels that the real cjpeg can code in every way. */
let pixels: Buffer;
before(() => {
  pixels = execFileSync('djpeg', ['-pnm'], { input: syntheticJpeg(160, 120) });
});

const cjpeg = (...args: readonly string[]): Uint8Array =>
  new Uint8Array(execFileSync('cjpeg', [...args], { input: pixels }));

function survey(...pictures: readonly Uint8Array[]) {
  const arena = new FrameArena(64_000_000);
  const result = new PictureSurvey();
  for (const [i, picture] of pictures.entries()) {
    using frame = frameOf(arena, picture, i);
    result.add(frame);
  }
  assert.equal(arena.usedBytes, 0);
  return result.figures();
}

test('a usual picture goes as it is', () => {
  const figures = survey(cjpeg('-quality', '85', '-sample', '2x1'));
  assert.deepEqual([figures.as_it_is, figures.large, figures.recoded.total, figures.refused.total], [1, 0, 0, 0]);
  assert.deepEqual(figures.coding, {
    process: 'baseline',
    width: 160,
    height: 120,
    precision: 8,
    sampling: '4:2:2',
    huffman: 'standard',
    restart_interval: 0,
  });
});

const CODINGS: readonly (readonly [args: string[], passage: 'recoded' | 'refused', reason: string, coding: object])[] =
  [
    [['-optimize', '-sample', '2x2'], 'recoded', 'huffman', { huffman: 'other', sampling: '4:2:0' }],
    [['-grayscale'], 'recoded', 'grayscale', { sampling: 'grayscale' }],
    [['-progressive'], 'refused', 'progressive', { process: 'progressive' }],
    [['-arithmetic'], 'refused', 'arithmetic', { process: 'extended sequential, arithmetic' }],
    [['-sample', '1x1'], 'refused', 'subsampling', { sampling: '4:4:4' }],
    [['-sample', '1x2'], 'refused', 'subsampling', { sampling: '4:4:0' }],
    [['-sample', '4x1'], 'refused', 'subsampling', { sampling: '4:1:1' }],
  ];
for (const [args, passage, reason, coding] of CODINGS) {
  test(`a picture of cjpeg ${args.join(' ')} is ${passage} for ${reason}`, () => {
    const figures = survey(cjpeg(...args));
    assert.deepEqual(figures[passage].toJSON(), { [reason]: 1 });
    assert.partialDeepStrictEqual(figures.coding, coding);
  });
}

test('4:2:2 in the sampling factors of ffmpeg is told with them', () => {
  const figures = survey(ffmpegJpegs(1, '64x48', ['-pix_fmt', 'yuvj422p', '-huffman', 'default']));
  assert.equal(figures.coding?.sampling, '4:2:2 (2x2 1x2 1x2)');
  assert.equal(figures.recoded.of('subsampling'), 1);
});

test('restart markers are told with their interval in MCUs', () => {
  assert.equal(survey(cjpeg('-restart', '5B')).coding?.restart_interval, 5);
});

test('a picture of more than 2040 pixels goes as it is, and is counted as large', () => {
  const figures = survey(syntheticJpeg(2048, 64));
  assert.deepEqual([figures.as_it_is, figures.large], [1, 1]);
});

test('a coding that changes is counted', () => {
  const [plain, marked] = [cjpeg('-sample', '2x2'), cjpeg('-sample', '2x2', '-restart', '5B')];
  assert.equal(survey(plain, plain, marked, marked, plain).coding_changes, 2);
});

function quantisation(...pictures: readonly Uint8Array[]) {
  const tables = new QuantSurvey();
  for (const picture of pictures) {
    const layout = walkJpeg(picture);
    assert.ok(typeof layout === 'object');
    tables.add(layout, picture);
  }
  return tables.figures();
}

test('the quality of standard quantisation tables is told', () => {
  const picture = cjpeg('-quality', '85');
  assert.deepEqual(quantisation(picture, picture), { tables: 2, bits: 8, quality: 85, changes: 0 });
});

test('quantisation tables that change have no one quality', () => {
  const [low, high] = [cjpeg('-quality', '50'), cjpeg('-quality', '90')];
  assert.deepEqual(quantisation(low, high, high, low), { tables: 2, bits: 8, quality: undefined, changes: 2 });
});

test('quantisation tables of 16 bits are told', () => {
  assert.equal(quantisation(cjpeg('-quality', '1')).bits, 16);
});

test("ffmpeg's quantisation table is one of its own", () => {
  const { tables, quality } = quantisation(ffmpegJpegs(1, '64x48', []));
  assert.deepEqual([tables, quality], [1, undefined]);
});
