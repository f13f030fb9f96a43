/** The command lines of `cut`: pure, held by golden tests. */
import ffmpeg from 'fluent-ffmpeg';
import { type EncoderProfile, EVEN, type PictureSize, TIMESCALE } from '../encoders/encoder-profile.ts';
import { fitPicture } from '../encoders/picture-fit.ts';
import type { PassthroughOption } from './ffmpeg-arguments.ts';
import { MEASURED } from './ffmpeg-words.ts';
import { tagOptions } from './tag-options.ts';

/** How one stream of sound gets into the clip: as it is, or where an MP4 cannot hold it, as AAC. */
export type AudioTreatment = 'copy' | 'aac';

export interface CutInput {
  readonly path: string;
  /** Which of its streams: the video, and each that is heard. */
  readonly video: number;
  /** What the MP4 calls the format of copied pictures, where that is not what ffmpeg calls it. */
  readonly tag?: string;
  readonly audio: readonly { readonly index: number; readonly treatment: AudioTreatment }[];
}

export interface CutOutput {
  /** Behind the first instant that the file has, in microseconds: what `-ss` counts from. */
  readonly seekUs: number;
  /** Undefined: to the end of the file. */
  readonly durationUs: number | undefined;
  /** The file to write; one that is there is overwritten. */
  readonly path: string;
  /** Begin to read so much earlier, where seeking may land behind the wanted place (MPEG-TS). */
  readonly leadUs: number;
  /** There is a key frame right at `seekUs`: nothing is to be hidden. Copies only. */
  readonly onKeyFrame?: boolean;
  /** What the file says of itself. */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Several clips by copying, in one run: each is read from the key frame before its first picture. What stands before
 * that picture gets times below zero, from which ffmpeg makes an edit list: players begin at the picture.
 */
export function copyCutArguments(input: CutInput, outputs: readonly CutOutput[]): readonly string[] {
  const command = ffmpeg();
  outputs.forEach(({ seekUs, leadUs }, i) => {
    const global = i === 0 ? MEASURED : [];
    command.input(input.path).inputOptions(...global, '-threads', '1', ...seekTo(seekUs - leadUs));
  });
  outputs.forEach(({ seekUs, leadUs, durationUs, path, onKeyFrame, tags }, i) => {
    const ledUs = Math.min(leadUs, seekUs);
    command.output(path).format('mp4');
    command.outputOptions(
      ...streams(input, i, tags),
      '-c:v',
      'copy',
      ...(input.tag === undefined ? [] : ['-tag:v', input.tag]),
    );
    if (durationUs !== undefined) command.outputOptions('-t', seconds(durationUs + ledUs));
    if (ledUs > 0) command.outputOptions('-output_ts_offset', `-${seconds(ledUs)}`);
    if (onKeyFrame) command.outputOptions('-avoid_negative_ts', 'make_zero');
  });
  return command._getArguments();
}

export interface ExactCut {
  readonly encoder: EncoderProfile;
  readonly crf: number;
  /** Of the pictures as they are shown. */
  readonly size: PictureSize;
  readonly passthrough: PassthroughOption;
}

/** One clip, encoded anew: it carries nothing but its own pictures, each at its own time. */
export function exactCutArguments(input: CutInput, output: CutOutput, exact: ExactCut): readonly string[] {
  const { seekUs, durationUs, path, tags } = output;
  const leadUs = Math.min(output.leadUs, seekUs);
  const { encoder, crf, passthrough, size } = exact;
  const { global, filters, options } = encoder.arguments({
    ...{ size: undefined, fps: 30, device: undefined },
    quality: { crf, bitrateKbps: undefined },
  });
  const command = ffmpeg(input.path)
    .inputOptions(...MEASURED, ...global, '-threads', '1', ...seekTo(seekUs - leadUs))
    .output(path)
    .format('mp4')
    .outputOptions(...streams(input, 0, tags), passthrough, 'passthrough', '-enc_time_base', `1:${encoder.timescale}`)
    .videoCodec(encoder.name)
    .videoFilters([...fitPicture(size, EVEN).filters, ...filters])
    .outputOptions('-filter_threads', '1', ...withoutColours(options), '-video_track_timescale', String(TIMESCALE));
  if (leadUs > 0) command.outputOptions('-ss', seconds(leadUs));
  if (durationUs !== undefined) command.outputOptions('-t', seconds(durationUs));
  return command._getArguments();
}

/** Pictures keep the colours that their file names; the profiles name those of a camera's JPEGs. */
function withoutColours(options: readonly string[]): readonly string[] {
  return options.filter((option, i) => ![option, options[i - 1]].some((word) => COLOUR_WORDS.has(word ?? '')));
}

const COLOUR_WORDS: ReadonlySet<string> = new Set(['-color_range', '-colorspace']);

/**
 * Chapters and time codes of the whole file would be wrong in a part of it; the comment and description of a clip of ours say
 * which clip it is (clip-metadata-file.ts), which a part of it is not.
 */
function streams({ video, audio }: CutInput, input: number, tags: CutOutput['tags']): readonly string[] {
  return [
    ...['-map', `${input}:${video}`],
    ...audio.flatMap(({ index }) => ['-map', `${input}:${index}`]),
    ...audio.flatMap(({ treatment }, i) => [`-c:a:${i}`, treatment]),
    ...['-map_chapters', '-1', '-write_tmcd', '0', ...tagOptions({ comment: '', description: '', ...tags })],
  ];
}

/** Nothing for the beginning: in a Matroska file that was torn off seeking there fails, while reading does not. */
const seekTo = (us: number): readonly string[] => (us > 0 ? ['-ss', seconds(us)] : []);

/** ffmpeg reads microseconds exactly. */
const seconds = (us: number): string => (us / 1e6).toFixed(6);
