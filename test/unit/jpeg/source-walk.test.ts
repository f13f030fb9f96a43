import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { endedLength, endPicture, SourceWalk, walkWhole } from '../../../src/jpeg/source-walk.ts';
import { walkJpeg } from '../../../src/jpeg/walk.ts';
import { decodeLuma, ffmpegColor, ffmpegJpegs, syntheticJpeg } from '../../support/jpegs.ts';

const PICTURE = syntheticJpeg(320, 240);
const WHOLE = walkJpeg(PICTURE);
const OLDER = syntheticJpeg(320, 240, 50).subarray(3000);
const join = (...parts: (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

for (const [what, behind] of [
  ['the rest of an older picture', OLDER],
  ['another picture', syntheticJpeg(64, 48)],
  ['padding', new Uint8Array(512)],
  ['padding that ends in an EOI', join(new Uint8Array(512), [0xff, 0xd9])],
  ['a second EOI', Uint8Array.of(0xff, 0xd9)],
  ['nothing', new Uint8Array(0)],
] as const) {
  test(`a picture ends at its EOI with ${what} behind it`, () => {
    const bytes = join(PICTURE, behind);
    assert.deepEqual(walkJpeg(bytes), WHOLE);
    assert.deepEqual(walkWhole(bytes), WHOLE);
    const walk = new SourceWalk();
    for (let i = 0; i < 100; i++) assert.deepEqual(walk.walk(bytes), WHOLE);
  });
}

test('the rest of older pictures that begins to come later is noticed within 30 pictures, and then always', () => {
  const walk = new SourceWalk();
  const dirty = join(PICTURE, OLDER.subarray(-500)); // not so long that the length alone tells
  for (let i = 0; i < 45; i++) assert.deepEqual(walk.walk(PICTURE), WHOLE);
  const ends = Array.from({ length: 100 }, () => (walk.walk(dirty) as { scanEnd: number }).scanEnd);
  const noticed = ends.indexOf(PICTURE.length - 2);
  assert.ok(noticed >= 0 && noticed < 30, `noticed at picture ${noticed}`);
  assert.deepEqual(new Set(ends.slice(noticed)), new Set([PICTURE.length - 2]));
});

test('a picture much longer than the one before is searched at once', () => {
  const walk = new SourceWalk();
  for (let i = 0; i < 45; i++) walk.walk(PICTURE);
  assert.deepEqual(walk.walk(join(PICTURE, OLDER)), WHOLE);
});

/** A picture of libjpeg, from a PPM of noise. */
function cjpeg(...options: readonly string[]): Uint8Array {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=s=330x250,noise=alls=30', '-frames:v', '1'];
  const input = execFileSync('ffmpeg', ['-v', 'error', ...source, '-c:v', 'ppm', '-f', 'image2pipe', '-']);
  return new Uint8Array(execFileSync('cjpeg', ['-quality', '85', ...options], { input }));
}

const KINDS: readonly (readonly [string, Uint8Array])[] = [
  ['of our own', PICTURE],
  ['of ffmpeg in 4:2:2', ffmpegJpegs(1, '330x250', ['-pix_fmt', 'yuvj422p'])],
  ['of ffmpeg with optimised tables', ffmpegJpegs(1, '330x250', ['-huffman', 'optimal'])],
  ['of one colour', ffmpegJpegs(1, '320x240', ['-vf', 'drawbox=c=gray:t=fill', '-huffman', 'default'])],
  ['of libjpeg', cjpeg()],
  ['with restart markers', cjpeg('-restart', '5B')],
  ['in grey', cjpeg('-grayscale')],
  ['in 4:4:4', cjpeg('-sample', '1x1')],
];

for (const [what, picture] of KINDS) {
  test(`a picture ${what} without its EOI is whole, and shows the same with one`, () => {
    const layout = walkJpeg(picture);
    const withoutEoi = picture.subarray(0, -2);
    assert.equal(walkJpeg(withoutEoi), 'no_eoi');
    const walked = new SourceWalk().walk(withoutEoi);
    assert.deepEqual(walked, layout);
    assert.deepEqual(walkWhole(withoutEoi), layout);
    assert.ok(typeof walked === 'object');
    const ended = new Uint8Array(endedLength(walked));
    ended.set(withoutEoi);
    endPicture(ended, walked);
    assert.deepEqual(ended, picture);
  });

  test(`a picture ${what} without its EOI is whole in front of padding`, () => {
    for (const value of [0, 0x20, 0xff]) {
      const bytes = join(picture.subarray(0, -2), new Array<number>(5000).fill(value));
      const layout = walkWhole(bytes);
      assert.ok(typeof layout === 'object', `padding of ${value}`);
      assert.ok(layout.scanEnd >= picture.length - 2 && layout.scanEnd < picture.length + 2, `${layout.scanEnd}`);
      assert.ok(decodeLuma(join(bytes.subarray(0, layout.scanEnd), [0xff, 0xd9]), layout.width, layout.height));
    }
  });

  test(`a picture ${what} that is cut short is refused, whatever it is padded with`, () => {
    const layout = walkJpeg(picture);
    assert.ok(typeof layout === 'object');
    for (let cut = 4; cut < picture.length - layout.scanStart; cut = Math.ceil(cut * 1.3)) {
      const short = picture.subarray(0, -cut);
      assert.equal(walkWhole(short), 'no_eoi', `${cut} bytes less`);
      for (const value of cut < 40 ? [] : [0, 0xff]) {
        const padded = join(short, new Array<number>(20_000).fill(value));
        assert.equal(walkWhole(padded), 'no_eoi', `${cut} bytes less, padded with ${value}`);
      }
    }
  });
}

test('black blocks in codes of zeroes are whole without an EOI, unless they might be padding', () => {
  const picture = ffmpegColor('gray', 3).subarray(0, -2);
  assert.deepEqual([...picture.subarray(-2)], [0, 0]);
  assert.equal(typeof walkWhole(picture), 'object');
  assert.equal(walkWhole(join(picture, new Uint8Array(100))), 'no_eoi');
});

for (const [what, picture] of [
  ['progressive', cjpeg('-progressive')],
  ['arithmetic', cjpeg('-arithmetic')],
  ['text', new TextEncoder().encode('no picture')],
] as const) {
  test(`${what} without an EOI is refused`, () => {
    assert.equal(typeof walkWhole(picture.subarray(0, -2)), 'string');
  });
}

test('a picture without its EOI whose head says another size is refused when it lacks blocks', () => {
  const layout = walkJpeg(PICTURE);
  assert.ok(typeof layout === 'object');
  const sof = Buffer.from(PICTURE).indexOf(Buffer.from([0xff, 0xc0]));
  for (const [height, wanted] of [
    [0, 'no_eoi'],
    [248, 'no_eoi'],
    [65_535, 'no_eoi'],
  ] as const) {
    const other = PICTURE.slice(0, -2);
    other[sof + 5] = height >> 8;
    other[sof + 6] = height & 255;
    assert.equal(walkWhole(other), wanted, `height ${height}`);
  }
});
