import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EncodeDesk, JpegEncoder } from '../../src/capture/raw/jpeg-encoder.ts';
import type { RawPicture } from '../../src/capture/raw/raw-picture.ts';
import { walkJpeg } from '../../src/jpeg/walk.ts';
import { rtpJpegForm } from '../../src/rtp/jpeg-form.ts';
import { rawPictureOf } from './encode-once.ts';

const SIZE = { width: 64, height: 48 };

/** What the contract's pictures are: YUYV of 64x48 with padded lines. */
export const CONTRACT_PICTURE: RawPicture = rawPictureOf({ fourcc: 'YUYV', ...SIZE, bytesPerLine: 160 });

/** Stripes whose width tells the pictures apart. */
function stripes(number: number): Uint8Array {
  const { bytes } = CONTRACT_PICTURE.geometry;
  return Uint8Array.from({ length: bytes }, (_, i) => (i % 2 === 1 ? 128 : (i >> (number + 2)) % 2 === 0 ? 40 : 200));
}

async function encode(encoder: JpegEncoder, desk: EncodeDesk): Promise<Buffer> {
  const out = new Uint8Array(encoder.maxJpegBytes);
  const length = await desk.encode(out);
  assert.ok(typeof length === 'number', `no JPEG: ${JSON.stringify(length)}`);
  assert.ok(length <= encoder.maxJpegBytes);
  return Buffer.from(out.subarray(0, length));
}

/**
 * What every JpegEncoder owes (src/capture/raw/jpeg-encoder.ts). `open` makes one for CONTRACT_PICTURE with so many desks; it
 * is called for each test.
 */
export function jpegEncoderContract(name: string, open: (desks: number) => Promise<JpegEncoder>): void {
  const withEncoder = async (body: (encoder: JpegEncoder) => Promise<void>): Promise<void> => {
    await using encoder = await open(3);
    await body(encoder);
  };
  const jpegOf = async (encoder: JpegEncoder, number: number): Promise<Buffer> => {
    const [desk] = encoder.desks;
    desk!.load(stripes(number));
    return encode(encoder, desk!);
  };

  describe(`${name} as a JpegEncoder`, () => {
    test('makes a JPEG of the size of the picture that RTP carries as it is', () =>
      withEncoder(async (encoder) => {
        const jpeg = await jpegOf(encoder, 0);
        const layout = walkJpeg(jpeg);
        assert.ok(typeof layout !== 'string', String(layout));
        assert.deepEqual([layout.width, layout.height], [SIZE.width, SIZE.height]);
        assert.ok(typeof rtpJpegForm(layout, jpeg) !== 'string');
      }));

    test('has as many desks as were asked for, and a name', () =>
      withEncoder(async (encoder) => {
        assert.equal(encoder.desks.length, 3);
        assert.notEqual(encoder.name, '');
      }));

    test('makes the same JPEG of the same picture, at every desk, again and again', () =>
      withEncoder(async (encoder) => {
        const expected = await jpegOf(encoder, 1);
        for (let round = 0; round < 5; round++) {
          for (const desk of encoder.desks) {
            desk.load(stripes(1));
            assert.deepEqual(await encode(encoder, desk), expected);
          }
        }
      }));

    test('keeps the pictures at its desks apart while they are encoded at the same time', () =>
      withEncoder(async (encoder) => {
        const expected: Buffer[] = [];
        for (const number of encoder.desks.keys()) expected.push(await jpegOf(encoder, number));
        assert.equal(new Set(expected.map((jpeg) => jpeg.toString('hex'))).size, 3);
        for (const [number, desk] of encoder.desks.entries()) desk.load(stripes(number));
        assert.deepEqual(await Promise.all(encoder.desks.map((desk) => encode(encoder, desk))), expected);
      }));

    test('reads the raw bytes during the load only', () =>
      withEncoder(async (encoder) => {
        const expected = await jpegOf(encoder, 0);
        const raw = stripes(0);
        encoder.desks[0]!.load(raw);
        raw.fill(0);
        assert.deepEqual(await encode(encoder, encoder.desks[0]!), expected);
      }));

    test('forgets the picture at a desk for the next one that is loaded there', () =>
      withEncoder(async (encoder) => {
        const expected = await jpegOf(encoder, 2);
        encoder.desks[0]!.load(stripes(0));
        encoder.desks[0]!.load(stripes(2));
        assert.deepEqual(await encode(encoder, encoder.desks[0]!), expected);
      }));

    test('can be disposed of more than once', () =>
      withEncoder(async (encoder) => {
        await jpegOf(encoder, 0);
        await encoder[Symbol.asyncDispose]();
      }));
  });
}
