/**
 * sh deploy/dev/with.sh ffmpeg -- test/demo/frame-numbers.ts CLIP.mp4 [NEXT.mp4 …]: decodes clips of a synthetic camera, one behind
 * the other, and reads the number that is in each picture. Exit code 1 when one is missing, twice or in the wrong place.
 */
import { readNumberedVideo } from '../support/numbered-video.ts';
import { streamFacts } from '../support/recorder-rig.ts';

const numbers: (number | undefined)[] = [];
for (const path of process.argv.slice(2)) {
  const { width, height } = streamFacts(path, 'width,height');
  const video = readNumberedVideo(path, Number(width), Number(height));
  const ms = Math.round((video.timesUs.at(-1) ?? 0) / 1000);
  process.stdout.write(
    `${path}: ${video.numbers.length} frames, ${video.numbers[0]} to ${video.numbers.at(-1)}, ${ms} ms\n`,
  );
  numbers.push(...video.numbers);
}
const wrong = numbers.filter((number, i) => i > 0 && number !== (numbers[i - 1] ?? Number.NaN) + 1).length;
process.stdout.write(
  `${numbers.length} frames, ${wrong === 0 ? 'in order, without a gap' : `${wrong} not behind the one before`}\n`,
);
process.exitCode = numbers.length > 0 && wrong === 0 ? 0 : 1;
