import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cambox } from '../../support/daemon-rig.ts';
import { ffmpegJpegs, syntheticJpeg } from '../../support/jpegs.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cambox-probe-'));
});
after(() => rmSync(folder, { recursive: true }));

/** `cambox probe --json` of these bytes as a file. */
async function probe(name: string, bytes: Uint8Array, ...options: readonly string[]) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const { code, stdout, stderr } = await cambox('probe', path, '--json', ...options);
  return { code, stderr, report: stdout.length === 0 ? undefined : JSON.parse(stdout.toString()) };
}

const cjpeg = (...args: readonly string[]): Uint8Array => {
  const pixels = execFileSync('djpeg', ['-pnm'], { input: syntheticJpeg(160, 120) });
  return new Uint8Array(execFileSync('cjpeg', [...args], { input: pixels }));
};

test('probe of a made picture measures its pace and finds it fit to be sent as it is', async () => {
  const { code, stdout, stderr } = await cambox('probe', 'synthetic:320x240', '--for', '2s', '--fps', '20', '--json');
  const report = JSON.parse(stdout.toString());
  assert.equal(report.verdict, 'as_it_is', stderr);
  assert.ok(code === 0 || code === 1, `exit ${code}`); // a busy machine may be irregular, which is a warning
  assert.ok(report.pictures >= 30 && report.pictures <= 41, `${report.pictures} pictures`);
  assert.ok(Math.abs(report.interval_ms.p50 - 50) < 5, JSON.stringify(report.interval_ms));
  assert.deepEqual(report.quantisation, { tables: 2, bits: 8, quality: 90, changes: 0 });
  assert.equal(report.damaged && Object.keys(report.damaged).length, 0);
  assert.equal(report.checked, report.pictures);
});

test('probe of a file tells its bit rate for the rate that it is meant to be played at', async () => {
  const picture = cjpeg('-quality', '85', '-sample', '2x1');
  const { code, report } = await probe('plain.mjpeg', Buffer.concat([picture, picture]), '--fps', '25');
  assert.equal(code, 0);
  assert.deepEqual([report.pictures, report.interval_ms, report.rate], [2, null, 25]);
  assert.ok(Math.abs(report.mbit_s - (picture.length * 8 * 25) / 1e6) < 0.01);
});

test('probe measures what re-coding optimised tables takes, and exits with 1', async () => {
  const { code, report } = await probe('optimal.mjpeg', ffmpegJpegs(5, '320x240', ['-huffman', 'optimal']));
  assert.deepEqual([code, report.verdict, report.coding.huffman], [1, 'recoded', 'other']);
  assert.ok(report.recode_ms > 0 && report.recode_ms < 1000, `${report.recode_ms} ms`);
  assert.match(report.sentences[0], /is re-coded without loss, about \d/);
});

test('probe names the rule that keeps a picture from being sent, and exits with 2', async () => {
  const { code, report } = await probe('progressive.jpg', cjpeg('-progressive'));
  assert.deepEqual([code, report.verdict, report.refused], [2, 'refused', { progressive: 1 }]);
});

test('probe counts pictures that are cut off, and looks into those that are whole', async () => {
  const picture = cjpeg('-quality', '85');
  const bytes = Buffer.concat([picture, picture.subarray(0, 900), picture]);
  const { code, report } = await probe('mixed.mjpeg', bytes);
  assert.deepEqual([code, report.pictures, report.dropped, report.checked], [1, 2, { no_eoi: 1 }, 2]);
});

test('probe of a folder in words is 80 columns wide, the verdict last', async () => {
  const shots = join(folder, 'shots');
  mkdirSync(shots);
  for (let i = 0; i < 3; i++) writeFileSync(join(shots, `${i}.jpg`), cjpeg('-grayscale'));
  const { code, stdout } = await cambox('probe', shots);
  assert.equal(code, 1);
  const lines = stdout.toString().trimEnd().split('\n');
  assert.ok(lines.every((line) => line.length <= 80 || line.includes(shots)));
  assert.match(lines.slice(-2).join(' '), /verdict +is re-coded without loss, .* no colour +components/);
});

test('probe without a whole picture says so and exits with 2', async () => {
  const { code, stderr } = await probe('nothing.mjpeg', Buffer.from('no picture at all'));
  assert.equal(code, 2);
  assert.match(stderr, /it holds no JPEG/);
});

test('probe of a camera that is not there names those that are, or tells that there is none', async () => {
  const { code, stderr } = await cambox('probe', 'usb:dead:beef');
  assert.equal(code, 2);
  assert.match(
    stderr,
    /none of that name is connected: received "usb:dead:beef"\. (Connected: |There is no video device)/,
  );
});

const WRONG: readonly (readonly [args: string[], message: RegExp])[] = [
  [[], /CAMERA is missing/],
  [['synthetic', '--size', '1280'], /--size must read WIDTHxHEIGHT.*received 1280/],
  [['synthetic', '--for', 'long'], /--for must be a duration/],
  [['synthetic', '--for', '0s'], /--for must be more than 0: received 0s/],
  [['synthetic:320x240', '--size', '320x200'], /--size is for cameras: write synthetic:320x200/],
  [['shots', '--size', '320x200'], /--size is for cameras: a file has its own/],
  [['synthetic:65535x65535'], /there is no such size: received "synthetic:65535x65535".*at most 8192 a side/],
  [['usb:1:2'], /its name is not understood: received "usb:1:2"/],
];
for (const [args, message] of WRONG) {
  test(`cambox probe ${args.join(' ')} exits with 64 and says what is wrong`, async () => {
    const { code, stderr } = await cambox('probe', ...args);
    assert.equal(code, 64, stderr);
    assert.match(stderr, message);
  });
}
