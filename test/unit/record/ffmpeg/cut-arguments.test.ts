import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIBX264 } from '../../../../src/record/encoders/libx264.ts';
import { copyCutArguments, exactCutArguments } from '../../../../src/record/ffmpeg/cut-arguments.ts';

const INPUT = { path: '/clips/a b.mp4', video: 0, audio: [{ index: 1, treatment: 'copy' }] } as const;
const PLACE = { seekUs: 4_500_000, durationUs: 2_000_000, leadUs: 0, onKeyFrame: false };
const MEASURED = '-hide_banner -nostdin -y -benchmark -loglevel level+info';
const PART = '-map_chapters -1 -write_tmcd 0 -metadata comment= -metadata description=';

/** Words and quoted words ('…'), as in a shell. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

test('copy arguments of two clips are these', () => {
  const outputs = [
    { ...PLACE, path: '/out/1.mp4.part' },
    { ...PLACE, seekUs: 20_000_000, durationUs: undefined, path: '/out/2.mp4.part' },
  ];
  assert.deepEqual(
    copyCutArguments(INPUT, outputs),
    words(`${MEASURED} -threads 1 -ss 4.500000 -i '/clips/a b.mp4' -threads 1 -ss 20.000000 -i '/clips/a b.mp4'
      -y -f mp4 -map 0:0 -map 0:1 -c:a:0 copy ${PART} -c:v copy -t 2.000000 /out/1.mp4.part
      -f mp4 -map 1:0 -map 1:1 -c:a:0 copy ${PART} -c:v copy /out/2.mp4.part`),
  );
});

test('copy arguments with a lead begin earlier, and hide it', () => {
  const later = copyCutArguments(INPUT, [{ ...PLACE, leadUs: 1_000_000, path: '/out/1.mp4.part' }]).join(' ');
  assert.match(later, /-ss 3\.500000 /);
  const line = copyCutArguments(INPUT, [{ ...PLACE, leadUs: 10_000_000, path: '/out/1.mp4.part' }]).join(' ');
  assert.doesNotMatch(line, /-ss/, 'from the beginning, without looking for it');
  assert.match(line, /-t 6\.500000 -output_ts_offset -4\.500000 /);
});

test('copy arguments on a key frame hide nothing', () => {
  const line = copyCutArguments(INPUT, [{ ...PLACE, onKeyFrame: true, path: '/out/1.mp4.part' }]).join(' ');
  assert.match(line, /-avoid_negative_ts make_zero /);
});

test('copy arguments name the format as asked for', () => {
  const line = copyCutArguments({ ...INPUT, tag: 'hvc1' }, [{ ...PLACE, path: '/out/1.mp4.part' }]).join(' ');
  assert.match(line, /-c:v copy -tag:v hvc1 /);
});

test('exact arguments are these', () => {
  const exact = { encoder: LIBX264, crf: 20, size: { width: 1280, height: 720 }, passthrough: '-fps_mode' } as const;
  assert.deepEqual(
    exactCutArguments(INPUT, { ...PLACE, path: '/out/1.mp4.part' }, exact),
    words(`${MEASURED} -threads 1 -ss 4.500000 -i '/clips/a b.mp4' -y -vcodec libx264
      -filter:v scale=out_range=tv,format=yuv420p -f mp4 -map 0:0 -map 0:1 -c:a:0 copy ${PART}
      -fps_mode passthrough -enc_time_base 1:90000 -filter_threads 1 -preset ultrafast -tune zerolatency -crf 20
      -threads 1 -g 60 -force_key_frames 'expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+1))'
      -video_track_timescale 90000 -t 2.000000 /out/1.mp4.part`),
  );
});

test('exact arguments with a lead drop it, cut off odd rows, and encode sound that an MP4 cannot hold', () => {
  const input = { ...INPUT, audio: [{ index: 2, treatment: 'aac' }] } as const;
  const exact = { encoder: LIBX264, crf: 20, size: { width: 321, height: 241 }, passthrough: '-vsync' } as const;
  const line = exactCutArguments(input, { ...PLACE, leadUs: 3_000_000, path: 'x' }, exact).join(' ');
  assert.match(line, /-ss 1\.500000 -i/);
  assert.match(line, /-ss 3\.000000 -t 2\.000000 x$/);
  assert.match(line, /crop=320:240:0:0,scale/);
  assert.match(line, /-map 0:2 -c:a:0 aac/);
  assert.match(line, /-vsync passthrough/);
});
