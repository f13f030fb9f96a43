import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

/** A leaked encoder holds 40 KB of the library's memory, a leaked desk 0.5 MB of ours. */
const MOST_GROWTH_BYTES = 15e6;

/** Opens an encoder, encodes with each desk, closes it, ROUNDS times; prints how much memory that has left behind. */
const PROGRAM = `
const { encodeOnce, rawPictureOf } = await import('./test/support/encode-once.ts');
const { openTurboJpeg } = await import('./src/capture/raw/turbojpeg/turbojpeg-encoder.ts');
const picture = rawPictureOf({ fourcc: 'YUYV', width: 640, height: 480, bytesPerLine: 0 }, { matrix: 'bt601', range: 'limited' });
const raw = new Uint8Array(picture.geometry.bytes).map((_, i) => (i * 7) & 255);
const out = new Uint8Array(3e6);
const round = async () => {
  await using encoder = openTurboJpeg(picture, 85, 3);
  for (const desk of encoder.desks) {
    desk.load(raw);
    await desk.encode(out);
  }
};
const residentAfter = async (rounds) => {
  for (let i = 0; i < rounds; i++) {
    await round();
    if (i % 10 === 0) gc();
  }
  gc();
  return process.memoryUsage.rss();
};
const before = await residentAfter(50);
console.log((await residentAfter(300)) - before);
`;

test('Encoders leave no memory behind when they are closed', () => {
  const node = [process.execPath, '--expose-gc', '--input-type=module', '-e', PROGRAM] as const;
  const [program, ...args] = node;
  const growth = Number(execFileSync(program, args, { encoding: 'utf8', timeout: 60_000 }));
  assert.ok(growth < MOST_GROWTH_BYTES, `${growth} bytes more after 300 encoders`);
});
