/** The command lines of `timelapse`: pure, held by golden tests. */
import ffmpeg from 'fluent-ffmpeg';
import type { EncoderProfile, PictureSize } from '../encoders/encoder-profile.ts';
import { TIMESCALE } from '../encoders/encoder-profile.ts';
import type { PassthroughOption } from './ffmpeg-arguments.ts';
import { MEASURED } from './ffmpeg-words.ts';
import { tagOptions } from './tag-options.ts';

/** What is burnt into each picture: a file with the text in drawtext's language, and the font. Paths without special characters. */
export interface BurntLabel {
  readonly textFile: string;
  readonly font: string;
}

export interface TimelapseLook {
  /** Of the video; what has other proportions gets black bars. Even numbers. */
  readonly size: PictureSize;
  /** A picture that lasts longer is shown again. */
  readonly fps: number;
  readonly label: BurntLabel | undefined;
  readonly encoder: EncoderProfile;
  readonly crf: number;
  readonly passthrough: PassthroughOption;
}

/** Pictures that a list of the concat demuxer names: one a frame. */
export function picturesTimelapseArguments(list: string, output: string, look: TimelapseLook): readonly string[] {
  const command = ffmpeg(list).inputOptions(...MEASURED, '-threads', '1', ...ONE_GRAPH, '-f', 'concat', '-safe', '0');
  return encode(command, output, `setpts=N/${look.fps}/TB`, look, []);
}

/** A video: of all its pictures the first of each frame's time, with the place of that in the video. */
export function videoTimelapseArguments(
  input: { readonly path: string; readonly video: number; readonly keyFramesOnly: boolean },
  output: string,
  speed: number,
  look: TimelapseLook,
): readonly string[] {
  const decode = input.keyFramesOnly ? ['-skip_frame', 'nokey'] : [];
  const command = ffmpeg(input.path).inputOptions(...MEASURED, '-threads', '1', ...ONE_GRAPH, ...decode);
  command.outputOptions('-map', `0:${input.video}`);
  const slot = (time: string): string => `floor(${time}*${look.fps / speed}+${FLOAT_ERROR})`;
  const first = `select='isnan(prev_selected_t)+gt(${slot('t')},${slot('prev_selected_t')})'`;
  return encode(command, output, `setpts=${slot('T')}/${look.fps}/TB`, look, ['setpts=PTS-STARTPTS', first]);
}

/** Videos of the same encoder and size, one behind the other. */
export function joinArguments(
  list: string,
  output: string,
  tags: Readonly<Record<string, string>> = {},
): readonly string[] {
  return ffmpeg(list)
    .inputOptions(...MEASURED, '-f', 'concat', '-safe', '0')
    .output(output)
    .format('mp4')
    .outputOptions('-map', '0:v:0', '-c', 'copy', ...tagOptions(tags), '-movflags', '+faststart')
    ._getArguments();
}

function encode(
  command: ffmpeg.FfmpegCommand,
  output: string,
  times: string,
  look: TimelapseLook,
  before: readonly string[],
): readonly string[] {
  const { encoder, crf, fps, passthrough } = look;
  const job = { size: look.size, fps, quality: { crf, bitrateKbps: undefined }, device: undefined };
  const { filters, options } = encoder.arguments(job);
  return command
    .output(output)
    .format('mp4')
    .videoCodec(encoder.name)
    .videoFilters([...before, ...fit(look.size), ...label(look), `settb=1/${TIMESCALE}`, times, ...filters])
    .outputOptions(
      '-an',
      '-map_metadata',
      '-1',
      passthrough,
      'cfr',
      '-r',
      String(fps),
      '-filter_threads',
      '1',
      ...options,
    )
    .outputOptions('-video_track_timescale', String(TIMESCALE), '-movflags', '+faststart')
    ._getArguments();
}

const FLOAT_ERROR = 1e-6;

/**
 * Filters that were built anew for pictures of another size or format would count from 0 again, and what comes at times that are over
 * is dropped. So these stay, and `fit` looks at each picture by itself.
 */
const ONE_GRAPH = ['-reinit_filter', '0'];

const fit = ({ width, height }: PictureSize): string[] => [
  `scale=${width}:${height}:force_original_aspect_ratio=decrease:eval=frame:out_range=tv`,
  'format=yuv420p', // not that of the first picture, which may be grey
  `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:eval=frame`,
  'setsar=1',
];

/** Below, at the left, on a shade, as high as a 24th of the picture. */
function label({ label: burnt, size }: TimelapseLook): string[] {
  if (burnt === undefined) return [];
  const height = Math.max(10, Math.round(size.height / 24));
  const place = `x=${height}:y=h-th-${height}:fontsize=${height}:fontcolor=white`;
  const shade = `box=1:boxcolor=black@0.5:boxborderw=${Math.round(height / 3)}`;
  return [`drawtext=fontfile=${burnt.font}:textfile=${burnt.textFile}:${place}:${shade}`];
}
