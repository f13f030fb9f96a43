import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { findMovie, patchMovie } from '../../../../src/record/media/movie-file.ts';
import { readMovie } from '../../../../src/record/media/mp4-movie.ts';
import { endAt, shownPart } from '../../../../src/record/media/shown-part.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambox-movie-'));
after(() => rmSync(folder, { recursive: true }));

/** Five seconds with reordered pictures, key frames two seconds apart, and sound; then the part from 3 s on for 1 s. */
function part(name: string): string {
  const [whole, cut] = [join(folder, `${name}-whole.mp4`), join(folder, `${name}.mp4`)];
  const input = [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=64x64:r=25:d=5',
    '-f',
    'lavfi',
    '-i',
    'sine=d=5',
  ];
  const video = ['-c:v', 'libx264', '-bf', '2', '-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-c:a', 'aac'];
  execFileSync('ffmpeg', [...input, ...video, whole]);
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-ss', '3', '-i', whole, '-t', '1', '-c', 'copy', cut]);
  return cut;
}

test('what is shown of a copied part is told: the pictures before it are hidden', async () => {
  await using file = await open(part('shown'), 'r');
  const found = await findMovie(file);
  const shown = shownPart(found!.movie)!;
  assert.deepEqual([shown.hiddenFrames, shown.hiddenMs, shown.lateMs], [25, 1000, 0]);
  assert.ok(shown.frames > 25, 'pictures behind the end come along, as others refer to them');
});

test('a part ends where it is told to, for ffmpeg as well', async () => {
  const path = part('patched');
  await using file = await open(path, 'r+');
  const { movie, bodyAt } = (await findMovie(file))!;
  await patchMovie(file, bodyAt, endAt(movie, 1000));
  const after = shownPart((await findMovie(file))!.movie)!;
  assert.deepEqual([after.frames, after.durationMs, after.longestGapMs], [25, 1000, 40]);
  const args = ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'gray', '-fps_mode', 'passthrough', '-'];
  assert.equal(execFileSync('ffmpeg', args).length / (64 * 64), 25);
  const probe = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path];
  assert.equal(Number(execFileSync('ffprobe', probe)), 1);
});

test('an end behind the end changes nothing', async () => {
  await using file = await open(part('long'), 'r');
  const { movie } = (await findMovie(file))!;
  assert.deepEqual(endAt(movie, 60_000), []);
});

test('a file without pictures has nothing to show', async () => {
  const path = join(folder, 'sound.m4a');
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=1', path]);
  await using file = await open(path, 'r');
  assert.equal(shownPart((await findMovie(file))!.movie), undefined);
});

test('[property] a header that is damaged anywhere is read without a throw', async () => {
  await using file = await open(part('damaged'), 'r');
  const { bodyAt } = (await findMovie(file))!;
  const { size } = await file.stat();
  const moov = Buffer.alloc(size - bodyAt);
  await file.read(moov, 0, moov.length, bodyAt);
  assert.notEqual(readMovie(moov), undefined);
  fc.assert(
    fc.property(fc.nat(moov.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
      const damaged = Buffer.from(moov);
      damaged.set(bytes.subarray(0, moov.length - at), at);
      const movie = readMovie(damaged);
      if (movie !== undefined) {
        shownPart(movie);
        endAt(movie, 500);
      }
      readMovie(moov.subarray(0, at));
    }),
    { seed: 3, numRuns: 400 },
  );
});
