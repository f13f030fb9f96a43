import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { M2mEncoder, sourceGeometry } from '../../../../src/capture/raw/m2m/m2m-encoder.ts';
import { openM2mEncoder } from '../../../../src/capture/raw/m2m/open-m2m-encoder.ts';
import { V4l2Device } from '../../../../src/v4l2/device.ts';
import { M2mSession } from '../../../../src/v4l2/m2m-session.ts';
import { rawPictureOf } from '../../../support/encode-once.ts';
import { nodeNamed } from './vivid-devices.ts';

const SIZE = { width: 64, height: 48 };
/** Lines as a camera pads them; the device does not. */
const PICTURE = rawPictureOf({ fourcc: 'RGB3', ...SIZE, bytesPerLine: 256 });
const LINE_BYTES = 3 * SIZE.width;
const DESKS = 3;

/** A picture in lines of 256 bytes, and without their padding. */
function picture(number: number): { readonly padded: Uint8Array; readonly pixels: Buffer } {
  const padded = new Uint8Array(PICTURE.geometry.bytes).map((_, i) => (i * (number + 3)) & 0xff);
  const lines = Array.from({ length: SIZE.height }, (_, line) => padded.subarray(line * 256, line * 256 + LINE_BYTES));
  return { padded, pixels: Buffer.concat(lines) };
}

/** The adapter of hardware encoders, with the one kernel driver whose results can be foretold: vim2m, which copies. */
export function checkM2mEncoder(): void {
  before(() => execFileSync('modprobe', ['vim2m']));
  after(() => execFileSync('modprobe', ['-r', 'vim2m']));

  describe('A hardware encoder', () => {
    test('gives each desk what the device made of its picture, round after round', async () => {
      await using device = await V4l2Device.open(nodeNamed('vim2m'));
      const options = { source: { fourcc: 'RGB3', ...SIZE }, result: { fourcc: 'RGB3' }, buffers: DESKS };
      await using session = await M2mSession.open(device, options);
      const geometry = sourceGeometry(PICTURE, session.sourceFormat);
      assert.ok(geometry);
      await using encoder = new M2mEncoder('vim2m', session, geometry, PICTURE, DESKS, async () => undefined);
      for (let round = 0; round < 3; round++) {
        const pictures = encoder.desks.map((_, i) => picture(round + i));
        for (const [i, desk] of encoder.desks.entries()) desk.load(pictures[i]!.padded);
        const made = await Promise.all(
          encoder.desks.map(async (desk) => {
            const out = new Uint8Array(encoder.maxJpegBytes);
            const length = await desk.encode(out);
            assert.ok(typeof length === 'number', JSON.stringify(length));
            return Buffer.from(out.subarray(0, length));
          }),
        );
        assert.deepEqual(
          made,
          pictures.map(({ pixels }) => pixels),
        );
      }
    });

    test('is not taken from devices that make no JPEG', async () => {
      assert.equal(await openM2mEncoder(PICTURE, 85, DESKS), 'the board has no JPEG encoder');
    });
  });
}
