import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIBX264 } from '../../../../src/record/encoders/libx264.ts';
import {
  joinArguments,
  picturesTimelapseArguments,
  type TimelapseLook,
  videoTimelapseArguments,
} from '../../../../src/record/ffmpeg/timelapse-arguments.ts';

const LOOK: TimelapseLook = {
  size: { width: 1280, height: 720 },
  fps: 30,
  label: undefined,
  encoder: LIBX264,
  crf: 23,
  passthrough: '-fps_mode',
};
const MEASURED = '-hide_banner -nostdin -y -benchmark -loglevel level+info';
const FIT =
  'scale=1280:720:force_original_aspect_ratio=decrease:eval=frame:out_range=tv,format=yuv420p,pad=1280:720:(ow-iw)/2:(oh-ih)/2:eval=frame,setsar=1';
const ENCODED = `-preset ultrafast -tune zerolatency -crf 23 -threads 1 -color_range tv -colorspace bt470bg -g 60
  -force_key_frames expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+1)) -video_track_timescale 90000 -movflags +faststart`;
const words = (line: string): string[] => line.trim().split(/\s+/);

test('timelapse arguments of pictures are these', () => {
  assert.deepEqual(
    picturesTimelapseArguments('/tmp/list', '/out/x.mp4.part', LOOK),
    words(`${MEASURED} -threads 1 -reinit_filter 0 -f concat -safe 0 -i /tmp/list -y -vcodec libx264
      -filter:v ${FIT},settb=1/90000,setpts=N/30/TB,scale=out_range=tv,format=yuv420p
      -f mp4 -an -map_metadata -1 -fps_mode cfr -r 30 -filter_threads 1 ${ENCODED} /out/x.mp4.part`),
  );
});

test('timelapse arguments of a video choose the first picture of each frame', () => {
  const input = { path: '/clips/a.mp4', video: 1, keyFramesOnly: true };
  assert.deepEqual(
    videoTimelapseArguments(input, '/out/x.mp4.part', 60, LOOK),
    words(`${MEASURED} -threads 1 -reinit_filter 0 -skip_frame nokey -i /clips/a.mp4 -y -vcodec libx264
      -filter:v setpts=PTS-STARTPTS,select='isnan(prev_selected_t)+gt(floor(t*0.5+0.000001),floor(prev_selected_t*0.5+0.000001))',${FIT},settb=1/90000,setpts=floor(T*0.5+0.000001)/30/TB,scale=out_range=tv,format=yuv420p
      -map 0:1 -f mp4 -an -map_metadata -1 -fps_mode cfr -r 30 -filter_threads 1 ${ENCODED} /out/x.mp4.part`),
  );
});

test('timelapse arguments with a label draw it in proportion to the picture', () => {
  const label = { textFile: '/tmp/label.txt', font: '/fonts/a.ttf' };
  const line = picturesTimelapseArguments('/tmp/list', 'x', { ...LOOK, label }).join(' ');
  assert.match(line, /drawtext=fontfile=\/fonts\/a\.ttf:textfile=\/tmp\/label\.txt:x=30:y=h-th-30:fontsize=30:/);
});

test('join arguments copy', () => {
  assert.deepEqual(
    joinArguments('/tmp/list', 'x'),
    words(`${MEASURED} -f concat -safe 0 -i /tmp/list -y -f mp4 -map 0:v:0 -c copy -movflags +faststart x`),
  );
});
