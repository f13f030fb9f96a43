import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { matroskaFrameHeader, matroskaHeader } from '../../src/record/media/matroska.ts';
import { cameraPictures } from '../support/mjpeg-pictures.ts';

const PICTURES = cameraPictures(4, '64x48');

/** What the real ffprobe reads from a Matroska stream on its stdin: time in us and length of each packet. */
function readBack(stream: Uint8Array): [number, number][] {
  const args = ['-v', 'error', '-f', 'matroska', '-show_entries', 'packet=pts_time,size', '-of', 'csv=p=0', '-'];
  const text = execFileSync('ffprobe', args, { input: stream, encoding: 'utf8' }).trim();
  return text.split('\n').map((line) => {
    const [time, size] = line.split(',');
    return [Math.round(Number(time) * 1e6), Number(size)];
  });
}

test('ffprobe reads every frame at its very microsecond from our Matroska, whatever the intervals', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 200_000 }), fc.integer({ min: 1, max: 2 ** 31 })), {
        minLength: 1,
        maxLength: 40,
      }),
      fc.integer({ min: 1, max: 2_000_000 }),
      (steps, frameDurationUs) => {
        const stream: Uint8Array[] = [matroskaHeader({ width: 64, height: 48, frameDurationUs })];
        const written: [number, number][] = [];
        let ptsUs = 0;
        for (const [i, step] of steps.entries()) {
          const picture = PICTURES[i % PICTURES.length]!;
          stream.push(matroskaFrameHeader(ptsUs, picture.length), picture);
          written.push([ptsUs, picture.length]);
          ptsUs += step;
        }
        assert.deepEqual(readBack(Buffer.concat(stream)), written);
      },
    ),
    { numRuns: 15 },
  );
});
