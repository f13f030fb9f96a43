import type { PictureSize } from '../encoders/encoder-profile.ts';

/** What matters of a file that is cut. Times are those of the file, in microseconds. */
export interface InputFacts {
  /** As ffmpeg names its container: "mov,mp4,m4a,3gp,3g2,mj2". */
  readonly format: string;
  /** The first instant of the file: of whichever stream begins first. */
  readonly startUs: number;
  readonly video: VideoFacts;
  readonly audio: readonly { readonly index: number; readonly codec: string }[];
}

export interface VideoFacts {
  readonly index: number;
  readonly codec: string;
  /** As shown: a picture that is to be turned by a quarter has its sides exchanged. */
  readonly size: PictureSize;
  readonly startUs: number;
  /** From its first picture on; undefined when nobody knows. */
  readonly durationUs: number | undefined;
  /** What its times are multiples of. */
  readonly tickUs: number;
  readonly frameUs: number;
}

/** Why a file is of no use: `no_json` is a mistake of ffprobe, the others are about the file. */
export type InputFault = 'no_json' | 'no_video' | 'audio_only';

interface ProbedStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly start_time?: string;
  readonly duration?: string;
  readonly time_base?: string;
  readonly avg_frame_rate?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly tags?: { readonly rotate?: string };
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

const USUAL_FRAME_US = 1e6 / 30;

/** Read what ffprobe prints for `inputFactsArguments`. The picture on an album is no video. Never throws. */
export function parseInputFacts(text: string): InputFacts | InputFault {
  const { streams, format } = parse(text) ?? {};
  if (streams === undefined || format === undefined) return 'no_json';
  const video = streams.find((stream) => stream.codec_type === 'video' && !stream.disposition?.attached_pic);
  const audio = streams.filter((stream) => stream.codec_type === 'audio');
  if (video === undefined) return audio.length > 0 ? 'audio_only' : 'no_video';
  if (!(Number(video.width) > 0 && Number(video.height) > 0)) return 'no_video';
  const startUs = micros(format.start_time) ?? 0;
  const videoStartUs = micros(video.start_time) ?? startUs;
  const fileEndUs = micros(format.duration) === undefined ? undefined : startUs + micros(format.duration)!;
  return {
    format: format.format_name ?? '',
    startUs,
    video: {
      index: video.index,
      codec: video.codec_name ?? 'unknown',
      size: shownSize(video),
      startUs: videoStartUs,
      durationUs: micros(video.duration) ?? (fileEndUs === undefined ? undefined : fileEndUs - videoStartUs),
      tickUs: fraction(video.time_base, 1) ?? 1,
      frameUs: fraction(video.avg_frame_rate, -1) ?? USUAL_FRAME_US,
    },
    audio: audio.map(({ index, codec_name }) => ({ index, codec: codec_name ?? 'unknown' })),
  };
}

interface Probed {
  readonly streams?: readonly ProbedStream[];
  readonly format?: { readonly format_name?: string; readonly start_time?: string; readonly duration?: string };
}

function parse(text: string): Probed | undefined {
  try {
    return Object(JSON.parse(text)) as Probed;
  } catch {
    return undefined;
  }
}

/** ffprobe writes N/A for what it does not know. */
function micros(seconds: string | undefined): number | undefined {
  const number = seconds === undefined ? Number.NaN : Number(seconds);
  return Number.isFinite(number) ? Math.round(number * 1e6) : undefined;
}

/** "1/90000" or its reciprocal (`power` -1), in microseconds; "0/0" is unknown. */
function fraction(text: string | undefined, power: 1 | -1): number | undefined {
  const [numerator, denominator] = (text ?? '').split('/').map(Number);
  const value = (Number(numerator) / Number(denominator)) ** power * 1e6;
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

function shownSize({ width = 0, height = 0, tags, side_data_list }: ProbedStream): PictureSize {
  const rotation = side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? Number(tags?.rotate ?? 0);
  return Math.abs(rotation) % 180 === 90 ? { width: height, height: width } : { width, height };
}
