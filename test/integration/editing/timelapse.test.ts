import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TimelapseReport } from '../../../src/record/timelapse/timelapse-order.ts';
import { cambox } from '../../support/daemon-rig.ts';
import { splitJpegs } from '../../support/mjpeg-pictures.ts';
import { H264, makeNumberedFile, numberedJpegs, SIZE } from '../../support/numbered-file.ts';
import { numbersIn } from '../../support/numbered-video.ts';
import { streamFacts } from '../../support/recorder-rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambox-timelapse-test-'));
after(() => rmSync(folder, { recursive: true }));

const PICTURES = 24;
const pictures = join(folder, 'pictures');
const clips = join(folder, 'clips');
/** 2026-11-20 10:00 UTC; a picture a minute. */
const FIRST_S = Date.UTC(2026, 10, 20, 10) / 1000;
const CLIP_FRAMES = 180;

before(() => {
  mkdirSync(pictures);
  mkdirSync(clips);
  for (const [i, jpeg] of splitJpegs(numberedJpegs(PICTURES)).entries()) {
    const path = join(pictures, `p${i}.jpg`); // sorted as people count: p2 before p10
    writeFileSync(path, jpeg);
    utimesSync(path, FIRST_S + i * 60, FIRST_S + i * 60);
  }
  const encoded = [...H264.slice(0, 4), '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30'];
  makeNumberedFile(join(clips, 'a.mp4'), { frames: CLIP_FRAMES, fps: 30, args: encoded });
  makeNumberedFile(join(clips, 'b.mp4'), { frames: CLIP_FRAMES, fps: 30, args: ['-c:v', 'copy'] });
});

let made = 0;
async function timelapse(
  ...args: readonly string[]
): Promise<{ code: number; report: TimelapseReport; stderr: string }> {
  const out = join(folder, `out-${++made}.mp4`);
  const { code, stdout, stderr } = await cambox('timelapse', '--json', '--out', out, ...args);
  const report = stdout.length === 0 ? ({} as TimelapseReport) : (JSON.parse(stdout.toString()) as TimelapseReport);
  return { code, report, stderr };
}

const shown = ({ path }: TimelapseReport): (number | undefined)[] => numbersIn(path, SIZE.width, SIZE.height);
const each = (count: number, step: number, times = 1): number[] =>
  Array.from({ length: count * times }, (_, i) => Math.floor(i / times) * step);

test('timelapse of a folder shows each picture once, in the order that people count in', async () => {
  const { code, report } = await timelapse(pictures);
  assert.equal(code, 0);
  assert.deepEqual(shown(report), each(PICTURES, 1));
  assert.equal(streamFacts(report.path, 'avg_frame_rate')['avg_frame_rate'], '30/1');
});

test('timelapse with a speed goes by the times of the pictures', async () => {
  const { report } = await timelapse(pictures, '--speed', '600', '--fps', '10'); // a picture lasts 0.1 s
  assert.deepEqual(shown(report), each(PICTURES, 1));
  const slow = await timelapse(pictures, '--speed', '300', '--fps', '10');
  assert.deepEqual(shown(slow.report).slice(0, 46), each(23, 1, 2));
  const fast = await timelapse(pictures, '--speed', '2400', '--fps', '10');
  assert.deepEqual(shown(fast.report), each(6, 4));
});

test('timelapse with a duration is as long as that, with more and with fewer pictures than it has frames', async () => {
  const { report } = await timelapse(pictures, '--duration', '0.4', '--fps', '10');
  assert.deepEqual(shown(report), [0, 6, 12, 18]);
  const long = await timelapse(pictures, '--duration', '4.8s', '--fps', '10');
  assert.deepEqual(shown(long.report), each(PICTURES, 1, 2));
  assert.equal(long.report.duration_ms, 4800);
});

test('timelapse of clips takes the first picture of each frame, one clip behind the other', async () => {
  const { code, report } = await timelapse(clips, '--speed', '15');
  assert.equal(code, 0);
  assert.deepEqual(shown(report), [...each(CLIP_FRAMES / 15, 15), ...each(CLIP_FRAMES / 15, 15)]);
});

test('timelapse of a clip that is so fast that key frames are enough shows just them', async () => {
  const { report } = await timelapse(join(clips, 'a.mp4'), '--speed', '30');
  assert.deepEqual(shown(report), each(CLIP_FRAMES / 30, 30));
});

test('timelapse leaves out what cannot be read, and tells', async () => {
  const damaged = join(folder, 'damaged');
  mkdirSync(damaged);
  const [first, second] = splitJpegs(numberedJpegs(2));
  writeFileSync(join(damaged, '1.jpg'), first!);
  writeFileSync(join(damaged, '2.jpg'), '');
  writeFileSync(join(damaged, '3.jpg'), 'no picture');
  writeFileSync(join(damaged, '4.jpg'), second!.subarray(0, second!.length - 100));
  mkdirSync(join(damaged, '5.jpg'));
  writeFileSync(join(damaged, '6.jpg'), second!);
  writeFileSync(join(damaged, '7.jpg'), inFrameHeader(second!, 1, 0xc9)); // SOF9: arithmetic coding
  const { code, report } = await timelapse(damaged);
  assert.equal(code, 1);
  assert.deepEqual(shown(report), [0, 1]);
  assert.deepEqual([report.used, report.unreadable], [2, 5]);
  assert.match(JSON.stringify(report.unreadable_files), /2\.jpg.*empty.*3\.jpg.*no picture.*7\.jpg.*does not decode/);
});

test('timelapse fails when ffmpeg leaves out a picture', async () => {
  const undecodable = join(folder, 'undecodable');
  mkdirSync(undecodable);
  const jpegs = splitJpegs(numberedJpegs(3));
  jpegs[1] = inFrameHeader(jpegs[1]!, 11, 0x13); // three rows of luma to one of chroma
  for (const [i, jpeg] of jpegs.entries()) writeFileSync(join(undecodable, `${i}.jpg`), jpeg);
  const { code, stderr } = await timelapse(undecodable);
  assert.equal(code, 2);
  assert.match(stderr, /made 2 frames of 3 pictures/);
});

/** A copy with another byte in its frame header (SOF0), counted from the marker on. */
function inFrameHeader(jpeg: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Buffer.from(jpeg);
  copy[copy.indexOf('ffc0', 'hex') + at] = value;
  return copy;
}

test('timelapse takes pictures of any name', async () => {
  const odd = join(folder, 'odd');
  mkdirSync(odd);
  const names = ["0 p'4 ü%d.jpg", '1 %* [a-z]?.jpg', '2 100% {x}\\.jpg'];
  for (const [i, jpeg] of splitJpegs(numberedJpegs(3)).entries()) writeFileSync(join(odd, names[i]!), jpeg);
  const { code, report, stderr } = await timelapse(odd);
  assert.equal(code, 0, stderr);
  assert.deepEqual(shown(report), [0, 1, 2]);
});

test('timelapse leaves out clips that cannot be read, and tells', async () => {
  const broken = join(folder, 'broken.mp4');
  writeFileSync(broken, 'no video'.repeat(1000));
  const { code, report } = await timelapse(broken, join(clips, 'a.mp4'), '--speed', '30');
  assert.equal(code, 1);
  assert.deepEqual([report.used, report.unreadable], [1, 1]);
  assert.deepEqual(shown(report), each(CLIP_FRAMES / 30, 30));
});

test('timelapse puts pictures of another shape between black bars', async () => {
  const { report } = await timelapse(pictures, '--size', '480x240');
  assert.deepEqual([report.width, report.height], [480, 240]);
  const { width, height } = streamFacts(report.path, 'width,height');
  assert.deepEqual([width, height], [480, 240]);
  const [luma] = framesOf(report.path, 480, 240, 1);
  const left = luma!.subarray(120 * 480, 120 * 480 + 60);
  assert.ok(Math.max(...left) < 30, 'black at the left');
});

test('timelapse shows every picture when their shapes and colours change on the way', async () => {
  const mixed = join(folder, 'mixed');
  mkdirSync(mixed);
  const looks = ['format=gray', 'scale=640:240', 'format=yuvj422p', 'scale=160:480', 'null'];
  const jpegs = splitJpegs(numberedJpegs(10));
  for (const [i, jpeg] of jpegs.entries()) {
    const args = ['-v', 'error', '-f', 'mjpeg', '-i', '-', '-vf', looks[i >> 1]!, '-q:v', '1', '-f', 'mjpeg', '-'];
    writeFileSync(join(mixed, `${i}.jpg`), execFileSync('ffmpeg', args, { input: jpeg }));
  }
  const { code, report, stderr } = await timelapse(mixed, '--size', '320x240');
  assert.equal(code, 0, stderr);
  assert.deepEqual([report.used, report.frames], [10, 10]);
  const numbers = shown(report);
  const atFullSize = numbers.filter((_, i) => !looks[i >> 1]!.startsWith('scale'));
  assert.deepEqual(atFullSize, [0, 1, 4, 5, 8, 9]);
  const colours = framesOf(report.path, 320, 240, 10, 'yuv444p').map((frame) => frame.subarray(320 * 240));
  const grey = colours.map((chroma) => chroma.every((value) => Math.abs(value - 128) < 3));
  assert.deepEqual(
    grey,
    Array.from({ length: 10 }, (_, i) => i < 2),
  );
});

/** Two pictures that look the same, the second taken ten seconds later. */
const still = join(folder, 'still');
before(() => {
  mkdirSync(still);
  const [picture] = splitJpegs(numberedJpegs(1));
  for (const i of [0, 1]) {
    const path = join(still, `${i}.jpg`);
    writeFileSync(path, picture!);
    utimesSync(path, FIRST_S + i * 10, FIRST_S + i * 10);
  }
});

/** What is burnt in. */
async function strips(...args: readonly string[]): Promise<Uint8Array[]> {
  const { report, stderr } = await timelapse(still, '--size', '640x480', ...args);
  assert.ok(report.path, stderr);
  return framesOf(report.path, 640, 480, report.frames).map((luma) => strip(luma, 640));
}

test('timelapse burns in a label, and the time of each picture', async () => {
  const bare = await strips();
  const label = await strips('--label', `it's 50% \\ "{x}": ok`);
  const time = await strips('--time');
  assert.ok(differences(bare[0]!, label[0]!) > 200, 'a label is there');
  assert.ok(differences(label[0]!, label[1]!) < 5, 'and stays as it is');
  assert.ok(differences(bare[0]!, time[0]!) > 200, 'a time is there');
  assert.ok(differences(time[0]!, time[1]!) > 20, 'and reads otherwise ten seconds later');
});

test('timelapse burns the time of a picture into each frame that shows it', async () => {
  const [first, second] = await strips('--time');
  const held = await strips('--time', '--duration', '6', '--fps', '10');
  assert.equal(held.length, 60);
  for (const [i, frame] of held.entries()) {
    assert.ok(differences(frame, i < 30 ? first! : second!) < 5, `frame ${i} reads as its picture`);
  }
});

/** The rows in which a label stands, at the left; 20 pixels high at 480. */
const strip = (luma: Uint8Array, width: number): Uint8Array => {
  const rows = [];
  for (let y = 440; y < 460; y++) rows.push(luma.subarray(y * width + 20, y * width + 320));
  return Buffer.concat(rows);
};
const differences = (a: Uint8Array, b: Uint8Array): number => a.filter((byte, i) => Math.abs(byte - b[i]!) > 60).length;

/** The first planes of each frame. */
function framesOf(path: string, width: number, height: number, count: number, format = 'gray'): Uint8Array[] {
  const args = ['-v', 'error', '-i', path, '-frames:v', String(count), '-pix_fmt', format, '-f', 'rawvideo', '-'];
  const planes = execFileSync('ffmpeg', args, { maxBuffer: 1 << 28 });
  const bytes = planes.length / count;
  assert.equal(bytes % (width * height), 0);
  return Array.from({ length: count }, (_, i) => planes.subarray(i * bytes, (i + 1) * bytes));
}

test('timelapse never overwrites, and leaves nothing half-written', async () => {
  const out = join(folder, 'mine.mp4');
  writeFileSync(out, 'mine');
  const { code, stderr } = await cambox('timelapse', pictures, '--out', out);
  assert.equal(code, 2);
  assert.match(stderr, /mine\.mp4 as the file is there already/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.part')),
    [],
  );
});

const wrong: readonly (readonly [what: string, args: readonly string[], code: number, words: RegExp])[] = [
  ['no source', ['--out', 'x.mp4'], 64, /give either SOURCE/],
  ['no output', [pictures], 64, /--out FILE\.mp4 is missing/],
  ['an output that is no MP4', [pictures, '--out', 'x.avi'], 64, /name of an \.mp4/],
  ['both paces', [pictures, '--out', 'x.mp4', '--speed', '2', '--duration', '3'], 64, /either --speed or --duration/],
  ['a source that is not there', ['/nowhere', '--out', 'x.mp4'], 2, /no such file or folder/],
  ['pictures and videos', [pictures, clips, '--out', 'x.mp4'], 64, /pictures .* or of videos, not of both: .*a\.mp4/],
  ['a size of nothing', [pictures, '--out', 'x.mp4', '--size', '0x0'], 64, /sides of 16 to 8192: received 0x0/],
  ['a size that no encoder takes', [pictures, '--out', 'x.mp4', '--size', '640x9000'], 64, /16 to 8192/],
  [
    'a folder without pictures',
    ['/proc/self/fdinfo', '--out', join(folder, 'y.mp4')],
    2,
    /neither pictures|cannot read/,
  ],
  [
    'a font that is not there',
    [pictures, '--out', 'x.mp4', '--time', '--font', '/nowhere.ttf'],
    2,
    /font cannot be read/,
  ],
];

for (const [what, args, expected, words] of wrong) {
  test(`timelapse with ${what} says so`, async () => {
    const { code, stderr } = await cambox('timelapse', ...args);
    assert.equal(code, expected, stderr);
    assert.match(stderr, words);
  });
}
