import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ACCURACIES } from '../../../src/record/cut/cut-order.ts';
import { countFrames } from '../../../src/record/ffmpeg/count-frames.ts';
import { cutJson } from '../../support/cut-json.ts';
import { H264, KEYS_3S, makeNumberedFile, numbersFrom, SIZE } from '../../support/numbered-file.ts';
import { numbersIn } from '../../support/numbered-video.ts';

/** Matroska as a recorder that was killed leaves it, and with a hole. */

const folder = mkdtempSync(join(tmpdir(), 'cambox-cut-torn-'));
after(() => rmSync(folder, { recursive: true }));
const FRAMES = 600;
const [torn, holed] = [join(folder, 'torn.mkv'), join(folder, 'holed.mkv')];
/** Of the torn one. */
let there = 0;

before(async () => {
  const whole = join(folder, 'whole.mkv');
  makeNumberedFile(whole, { frames: FRAMES, fps: 30, args: [...H264, '-bf', '0', ...KEYS_3S] });
  const bytes = readFileSync(whole);
  writeFileSync(torn, bytes.subarray(0, Math.floor(bytes.length * 0.2)));
  there = await countFrames('ffprobe', torn);
  assert.ok(there > 60 && there < 150, `${there} pictures are there`);
  const hole = Math.floor(bytes.length * 0.15);
  writeFileSync(holed, bytes.fill(0xff, hole, hole + 20_000));
});

const shown = (path: string): (number | undefined)[] => numbersIn(path, SIZE.width, SIZE.height);
const newFolder = (): string => mkdtempSync(join(folder, 'out-'));

for (const accuracy of ACCURACIES) {
  test(`cut of a torn Matroska file takes what is there, and warns of what is not (${accuracy})`, async () => {
    const ranges = ['--start', '0', '--duration', '1', '--start', '0', '--duration', '5'];
    const { code, clips, stderr } = await cutJson(torn, ...ranges, '--accuracy', accuracy, '--out', newFolder());
    assert.equal(code, 1, stderr);
    assert.deepEqual(shown(clips[0]!.path), numbersFrom(0, 30));
    assert.deepEqual(shown(clips[1]!.path), numbersFrom(0, there));
    const codes = clips[1]!.warnings?.map((warning) => warning.code);
    assert.ok(codes?.includes('cut_short'), JSON.stringify(clips[1]));
  });

  test(`cut of a Matroska file with a hole warns of it (${accuracy})`, async () => {
    const { code, clips } = await cutJson(holed, '--every', '10', '--accuracy', accuracy, '--out', newFolder());
    assert.equal(code, 1);
    const [first] = clips;
    assert.ok(first!.frames < 300, `${first!.frames} pictures`);
    assert.deepEqual(
      first!.warnings?.map((warning) => warning.code),
      ['input_damaged'],
    );
    assert.match(first!.warnings![0]!.says, new RegExp(`${first!.frames} pictures of about 300`));
  });
}

test('cut of a torn file says of what is not there that the file is damaged', async () => {
  const { code, clips } = await cutJson(torn, '--start', '10', '--duration', '5', '--out', newFolder());
  assert.equal(code, 2);
  assert.match(
    clips[0]!.error!.message,
    /no picture in it from 10 s on for 5 s: the file is damaged \(File ended prem/,
  );
});
