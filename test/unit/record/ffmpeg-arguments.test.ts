import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clipArguments, countFramesArguments } from '../../../src/record/ffmpeg-arguments.ts';

const OUTPUT = '/var/lib/cambox/clips/a b.mp4.partial';

const INPUT = '-hide_banner -nostdin -loglevel error -threads 1 -f matroska -i pipe:0 -y'.split(' ');
const timing = (option: string): string[] =>
  `-f mp4 -map 0:v:0 ${option} passthrough -enc_time_base 1:90000 -video_track_timescale 90000 -flush_packets 1`.split(
    ' ',
  );

test('clip arguments for copy store the JPEGs in fragments of half a second', () => {
  const args = clipArguments({ encoder: 'copy', passthrough: '-fps_mode', output: OUTPUT });
  const copy = '-movflags +empty_moov+default_base_moof -frag_duration 500000'.split(' ');
  assert.deepEqual(args, [...INPUT, '-vcodec', 'copy', ...timing('-fps_mode'), ...copy, OUTPUT]);
});

test('clip arguments for libx264 encode in one thread, without delay, a fragment for each second', () => {
  const args = clipArguments({ encoder: 'libx264', passthrough: '-fps_mode', output: OUTPUT });
  const encode = [
    ...'-preset ultrafast -tune zerolatency -crf 23 -threads 1 -filter_threads 1'.split(' '),
    ...'-pix_fmt yuv420p -color_range tv -colorspace bt470bg'.split(' '),
    ...'-force_key_frames expr:gte(t,n_forced)'.split(' '),
    ...'-movflags +frag_keyframe+empty_moov+default_base_moof'.split(' '),
  ];
  assert.deepEqual(args, [...INPUT, '-vcodec', 'libx264', ...timing('-fps_mode'), ...encode, OUTPUT]);
});

test('clip arguments use -vsync when ffmpeg is too old for -fps_mode', () => {
  const args = clipArguments({ encoder: 'copy', passthrough: '-vsync', output: OUTPUT });
  assert.equal(args[args.indexOf('-vsync') + 1], 'passthrough');
  assert.ok(!args.includes('-fps_mode'));
});

test('ffprobe arguments count the packets of the video and print nothing else', () => {
  assert.deepEqual(
    countFramesArguments('/x.mp4'),
    '-v error -select_streams v:0 -count_packets -show_entries stream=nb_read_packets -of csv=p=0 /x.mp4'.split(' '),
  );
});
