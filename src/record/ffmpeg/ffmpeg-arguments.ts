/**
 * Every ffmpeg command line of the recorder, and nothing else: pure, so that golden tests hold it. fluent-ffmpeg is used
 * for its argument builder alone; its run path asks ffmpeg for its capabilities in a way that breaks with ffmpeg 7.
 */
import ffmpeg from 'fluent-ffmpeg';
import type { EncoderName } from '../../base/encoder-names.ts';
import { profileOf } from '../encoders/encoder-order.ts';
import type { EncodeJob, EncoderProfile, PictureSize } from '../encoders/encoder-profile.ts';
import { tagOptions } from './tag-options.ts';

/** How this ffmpeg is told to keep every frame at its own time: see `FfmpegBuild`. */
export type PassthroughOption = '-fps_mode' | '-vsync';

export type VideoContainer = 'mp4' | 'matroska';

export interface ClipArguments {
  readonly encoder: EncoderName;
  readonly job: EncodeJob;
  /** mp4 when left out. */
  readonly container?: VideoContainer;
  readonly passthrough: PassthroughOption;
  /** What the file says of itself. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Absolute path of the file to write. */
  readonly output: string;
}

const QUIET = ['-hide_banner', '-nostdin', '-loglevel', 'error'];

/**
 * Read Matroska from stdin, write one fragmented MP4 that plays up to its last fragment whatever happens to ffmpeg, or
 * one Matroska file, which does so by itself (and whose times are milliseconds).
 */
export function clipArguments(clip: ClipArguments): readonly string[] {
  const { passthrough, output, job, container = 'mp4', tags = {} } = clip;
  const profile = profileOf(clip.encoder);
  const { global, filters, options, bitstreamFilters } = profile.arguments(job);
  const command = ffmpeg('pipe:0')
    .inputOptions(...QUIET, ...global, '-threads', '1')
    .inputFormat('matroska')
    .output(output)
    .format(container)
    .outputOptions('-map', '0:v:0', passthrough, 'passthrough')
    .videoCodec(profile.name);
  if (profile.kind !== 'copy') {
    command.outputOptions('-enc_time_base', `1:${profile.timescale}`, '-filter_threads', '1');
    command.videoFilters([...filters]).outputOptions(...options);
  }
  if (bitstreamFilters.length > 0) command.outputOptions('-bsf:v', bitstreamFilters.join(','));
  if (container === 'mp4') command.outputOptions(...fragments(profile));
  return command.outputOptions(...tagOptions(tags), '-flush_packets', '1')._getArguments();
}

export const FRAGMENT_MS = 500;

/**
 * A fragment each half second, so that little is lost in a power cut. Every JPEG is a key frame: fragments by time only, or each
 * picture would become one. An encoder's fragments begin at its key frames, too; the file's header waits for the first one (`delay_moov`), as hardware encoders tell their parameter sets
 * (SPS, PPS) with the first picture only, and a header without them is of no use to anybody.
 */
export const fragments = ({ kind, timescale }: Pick<EncoderProfile, 'kind' | 'timescale'>): readonly string[] => [
  ...['-video_track_timescale', String(timescale), '-frag_duration', String(FRAGMENT_MS * 1000), '-movflags'],
  `${kind === 'copy' ? '' : '+frag_keyframe+delay_moov'}+empty_moov+default_base_moof`,
];

/** Count the frames that can be read from a file: prints one number. */
export function countFramesArguments(path: string): readonly string[] {
  return [
    ...['-v', 'error', '-select_streams', 'v:0', '-count_packets'],
    ...['-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', path],
  ];
}

/** Decode a file to nowhere; ends with an error where a decoder notices that something is wrong. */
export function decodeArguments(path: string): readonly string[] {
  return [...QUIET, '-xerror', '-threads', '1', '-i', path, '-map', '0:v:0', '-f', 'null', '-'];
}

/** The time of each frame in a file, in seconds: prints a line for each. */
export function frameTimesArguments(path: string): readonly string[] {
  return ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path];
}

/** Which packets of the first half minute are key frames: prints a line for each, its time and flags with a K. */
export const keyFrameArguments = (path: string): readonly string[] => [
  ...['-v', 'error', '-read_intervals', '%+30', '-select_streams', 'v:0'],
  ...['-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0', path],
];

/** What a file is made of, as JSON. */
export function inputFactsArguments(path: string): readonly string[] {
  const stream = ['index', 'codec_type', 'codec_name', 'width', 'height', 'start_time', 'duration', 'time_base'];
  return [
    ...['-v', 'error', '-of', 'json', '-show_entries'],
    [
      'format=format_name,start_time,duration',
      `stream=${[...stream, 'avg_frame_rate'].join(',')}`,
      'stream_disposition=attached_pic',
      'stream_side_data=rotation',
      'stream_tags=rotate',
    ].join(':'),
    path,
  ];
}

export interface SmallPictures {
  /** A file, or Matroska from `pipe:0`. */
  readonly input: string;
  /** What is done to a picture before it is made small. */
  readonly filters: readonly string[];
  readonly size: PictureSize;
  readonly passthrough: PassthroughOption;
  readonly output: string;
}

/** Decode every frame to a small picture of 3 bytes a pixel, one behind the other. */
export function smallPicturesArguments(pictures: SmallPictures): readonly string[] {
  const { input, filters, size, passthrough, output } = pictures;
  return ffmpeg(input)
    .inputOptions(...QUIET, '-threads', '1')
    .output(output)
    .format('rawvideo')
    .outputOptions('-map', '0:v:0', passthrough, 'passthrough', '-filter_threads', '1')
    .videoFilters([...filters, `scale=${size.width}:${size.height}:flags=area`, 'format=rgb24'])
    ._getArguments();
}
