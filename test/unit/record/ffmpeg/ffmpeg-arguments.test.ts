import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EncoderName } from '../../../../src/base/encoder-names.ts';
import { DEFAULT_QUALITY, type EncodeJob } from '../../../../src/record/encoders/encoder-profile.ts';
import {
  clipArguments,
  countFramesArguments,
  frameTimesArguments,
  smallPicturesArguments,
} from '../../../../src/record/ffmpeg/ffmpeg-arguments.ts';

const OUTPUT = '/var/lib/cambox/clips/a b.mp4.partial';
const FULL_HD: EncodeJob = {
  size: { width: 1920, height: 1080 },
  fps: 30,
  quality: DEFAULT_QUALITY,
  device: undefined,
};

function clip(encoder: EncoderName, job: Partial<EncodeJob> = {}): readonly string[] {
  return clipArguments({ encoder, job: { ...FULL_HD, ...job }, passthrough: '-fps_mode', output: OUTPUT });
}

/** Words and quoted words ('…'), as in a shell. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

const BEFORE = (global = ''): string =>
  `-hide_banner -nostdin -loglevel error ${global} -threads 1 -f matroska -i pipe:0 -y`;
const BEHIND = (ticks = 90_000): string =>
  `-f mp4 -map 0:v:0 -fps_mode passthrough -enc_time_base 1:${ticks} -filter_threads 1`;
const KEY_FRAMES =
  "-color_range tv -colorspace bt470bg -g 60 -force_key_frames 'expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+1))'";
const FILE = (ticks = 90_000): string =>
  `-video_track_timescale ${ticks} -frag_duration 500000 -movflags +frag_keyframe+delay_moov+empty_moov+default_base_moof
    -flush_packets 1 '${OUTPUT}'`;

/** The whole command line of every encoder, for 1920x1080 at 30 a second and the usual quality. */
const GOLDEN: Readonly<Record<EncoderName, string>> = {
  h264_nvmpi: `${BEFORE()} -vcodec h264_nvmpi -filter:v pad=1920:1088:0:0,scale=out_range=tv,format=yuv420p ${BEHIND()}
    -b:v 6221k ${KEY_FRAMES}
    -bsf:v h264_metadata=video_full_range_flag=0:matrix_coefficients=5:crop_bottom=8 ${FILE()}`,
  h264_v4l2m2m: `${BEFORE()} -vcodec h264_v4l2m2m -filter:v pad=1920:1088:0:0,scale=out_range=tv,format=yuv420p ${BEHIND()}
    -b:v 6221k -num_output_buffers 8 -num_capture_buffers 4 ${KEY_FRAMES}
    -bsf:v h264_metadata=video_full_range_flag=0:matrix_coefficients=5:crop_bottom=8 ${FILE()}`,
  h264_rkmpp: `${BEFORE()} -vcodec h264_rkmpp -filter:v scale=out_range=tv,format=nv12 ${BEHIND()}
    -b:v 6221k ${KEY_FRAMES} -bsf:v h264_metadata=video_full_range_flag=0:matrix_coefficients=5 ${FILE()}`,
  h264_vaapi: `${BEFORE('-vaapi_device /dev/dri/renderD128')} -vcodec h264_vaapi
    -filter:v scale=out_range=tv,format=nv12,hwupload ${BEHIND()} -rc_mode CQP -qp 23 -bf 0 ${KEY_FRAMES} ${FILE()}`,
  h264_qsv: `${BEFORE()} -vcodec h264_qsv -filter:v scale=out_range=tv,format=nv12 ${BEHIND()}
    -preset veryfast -global_quality 23 -bf 0 -async_depth 1 -forced_idr 1 ${KEY_FRAMES} ${FILE()}`,
  h264_nvenc: `${BEFORE()} -vcodec h264_nvenc -filter:v scale=out_range=tv,format=yuv420p ${BEHIND()}
    -preset p2 -tune ll -zerolatency 1 -rc vbr -cq 23 -b:v 0 -bf 0 -forced-idr 1 ${KEY_FRAMES} ${FILE()}`,
  libx264: `${BEFORE()} -vcodec libx264 -filter:v scale=out_range=tv,format=yuv420p ${BEHIND()}
    -preset ultrafast -tune zerolatency -crf 23 -threads 1 ${KEY_FRAMES} ${FILE()}`,
  mpeg4: `${BEFORE()} -vcodec mpeg4 -filter:v scale=out_range=tv,format=yuv420p ${BEHIND(60_000)}
    -q:v 4 -bf 0 -threads 1 ${KEY_FRAMES} ${FILE(60_000)}`,
  copy: `${BEFORE()} -vcodec copy -f mp4 -map 0:v:0 -fps_mode passthrough -video_track_timescale 90000
    -frag_duration 500000 -movflags +empty_moov+default_base_moof -flush_packets 1 '${OUTPUT}'`,
};

for (const [encoder, line] of Object.entries(GOLDEN)) {
  test(`clip arguments of ${encoder} are these for 1080p`, () => {
    assert.deepEqual(clip(encoder as EncoderName), words(line));
  });
}

const BY_BITRATE: Readonly<Partial<Record<EncoderName, string>>> = {
  h264_nvmpi: '-b:v 4000k',
  h264_v4l2m2m: '-b:v 4000k',
  h264_rkmpp: '-b:v 4000k',
  h264_vaapi: '-rc_mode VBR -b:v 4000k -maxrate 4000k -bufsize 8000k',
  h264_qsv: '-b:v 4000k -maxrate 4000k -bufsize 8000k',
  h264_nvenc: '-rc vbr -b:v 4000k -maxrate 4000k -bufsize 8000k',
  libx264: '-b:v 4000k -maxrate 4000k -bufsize 8000k',
  mpeg4: '-b:v 4000k -maxrate 4000k -bufsize 8000k',
};

for (const [encoder, options] of Object.entries(BY_BITRATE)) {
  test(`clip arguments of ${encoder} hold a bitrate when one is asked for`, () => {
    const line = clip(encoder as EncoderName, { quality: { crf: 23, bitrateKbps: 4000 } }).join(' ');
    assert.ok(line.includes(` ${options} `), line);
    assert.doesNotMatch(line, /-crf|-cq|-qp|-q:v|-global_quality/);
  });
}

for (const [size, filters, headers] of [
  ['640x480', 'scale=out_range=tv,format=yuv420p', ''],
  ['1296x972', 'pad=1344:976:0:0,scale=out_range=tv,format=yuv420p', ':crop_right=48:crop_bottom=4'],
  ['641x481', 'crop=640:480:0:0,scale=out_range=tv,format=yuv420p', ''],
  ['801x601', 'crop=800:600:0:0,pad=832:608:0:0,scale=out_range=tv,format=yuv420p', ':crop_right=32:crop_bottom=8'],
] as const) {
  test(`clip arguments of h264_v4l2m2m pad ${size} to lines of 64 and rows of 16, and crop it again`, () => {
    const [width = 0, height = 0] = size.split('x').map(Number);
    const args = clip('h264_v4l2m2m', { size: { width, height } });
    assert.equal(args[args.indexOf('-filter:v') + 1], filters);
    const metadata = 'h264_metadata=video_full_range_flag=0:matrix_coefficients=5';
    assert.equal(args[args.indexOf('-bsf:v') + 1], metadata + headers);
  });
}

test('clip arguments of h264_vaapi name the device that was found', () => {
  const args = clip('h264_vaapi', { device: '/dev/dri/renderD129' });
  assert.equal(args[args.indexOf('-vaapi_device') + 1], '/dev/dri/renderD129');
  assert.ok(args.indexOf('-vaapi_device') < args.indexOf('-i'));
});

test('clip arguments leave the size alone as long as it is not known', () => {
  const args = clip('libx264', { size: undefined });
  assert.equal(args[args.indexOf('-filter:v') + 1], 'scale=out_range=tv,format=yuv420p');
});

test('clip arguments count key frames of slow cameras every two seconds, too', () => {
  const args = clip('h264_rkmpp', { fps: 5 });
  assert.equal(args[args.indexOf('-g') + 1], '10');
});

test('clip arguments for Matroska say nothing of fragments', () => {
  const line = clipArguments({
    ...{ encoder: 'libx264', job: FULL_HD, container: 'matroska', passthrough: '-fps_mode', output: '/x.mkv' },
  }).join(' ');
  assert.match(line, / -f matroska -map .* -flush_packets 1 \/x\.mkv$/);
  assert.doesNotMatch(line, /movflags|timescale|frag/);
});

for (const encoder of ['copy', 'libx264'] satisfies EncoderName[]) {
  test(`clip arguments of ${encoder} use -vsync when ffmpeg is too old for -fps_mode`, () => {
    const args = clipArguments({ encoder, job: FULL_HD, passthrough: '-vsync', output: OUTPUT });
    assert.equal(args[args.indexOf('-vsync') + 1], 'passthrough');
    assert.ok(!args.includes('-fps_mode'));
  });
}

test('ffprobe arguments count the packets of the video and print nothing else', () => {
  assert.deepEqual(
    countFramesArguments('/x.mp4'),
    words('-v error -select_streams v:0 -count_packets -show_entries stream=nb_read_packets -of csv=p=0 /x.mp4'),
  );
});

test('ffprobe arguments print the times of the frames and nothing else', () => {
  const line = '-v error -select_streams v:0 -show_entries packet=pts_time -of csv=p=0 /x.mp4';
  assert.deepEqual(frameTimesArguments('/x.mp4'), words(line));
});

test('arguments for small pictures decode every frame once', () => {
  const size = { width: 160, height: 90 };
  assert.deepEqual(
    smallPicturesArguments({
      ...{ input: 'pipe:0', filters: ['crop=320:240:0:0'], size, passthrough: '-vsync', output: '/x.rgb' },
    }),
    words(`-hide_banner -nostdin -loglevel error -threads 1 -i pipe:0 -y
      -filter:v crop=320:240:0:0,scale=160:90:flags=area,format=rgb24
      -f rawvideo -map 0:v:0 -vsync passthrough -filter_threads 1 /x.rgb`),
  );
});

test('tags of a clip are arguments of their own, whatever stands in them', () => {
  const tags = { title: 'a b "c" -y', comment: '{"x":1}' };
  const line = clipArguments({ encoder: 'copy', job: FULL_HD, passthrough: '-fps_mode', tags, output: OUTPUT });
  const at = line.indexOf('-metadata');
  assert.deepEqual(line.slice(at, at + 4), ['-metadata', 'title=a b "c" -y', '-metadata', 'comment={"x":1}']);
});
