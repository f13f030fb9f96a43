import type { EncoderName } from '../../base/encoder-names.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The one with more pixels. */
export const largerSize = (a: PictureSize, b: PictureSize): PictureSize =>
  a.width * a.height >= b.width * b.height ? a : b;

/** How good the video is to be. */
export interface VideoQuality {
  /** H.264's scale: 0 lossless, 23 usual, 51 worst; six more halve the bits. */
  readonly crf: number;
  /** Kilobits a second instead; undefined lets `crf` decide. */
  readonly bitrateKbps: number | undefined;
}

export const DEFAULT_QUALITY: VideoQuality = { crf: 23, bitrateKbps: undefined };

/** One video to encode. */
export interface EncodeJob {
  /** Undefined as long as no picture has been seen. */
  readonly size: PictureSize | undefined;
  /** Pictures a second, as far as known: for key frames and bitrates of encoders that count pictures. */
  readonly fps: number;
  readonly quality: VideoQuality;
  /** The device node that was found for the encoder. */
  readonly device: string | undefined;
}

/** An encoder's share of the command line. */
export interface EncoderArguments {
  /** Before the input. */
  readonly global: readonly string[];
  /** The filter chain from the camera's 4:2:2 or 4:2:0 of full range to what the encoder takes. */
  readonly filters: readonly string[];
  /** Behind `-c:v NAME`. */
  readonly options: readonly string[];
  /** Bitstream filters, behind the encoder. */
  readonly bitstreamFilters: readonly string[];
}

/** All that is particular about one encoder. Pure. */
export interface EncoderProfile {
  readonly name: EncoderName;
  readonly kind: 'hardware' | 'software' | 'copy';
  /** Device nodes of which it needs one, as patterns of a folder and a name's beginning; none for software. */
  readonly devices: readonly string[];
  /** It works on multiples of these; what is padded for it is cropped in the stream's headers. */
  readonly multiple: PictureSize;
  /** Ticks a second that it can count in. */
  readonly timescale: number;
  arguments(job: EncodeJob): EncoderArguments;
}

export const NO_ARGUMENTS: EncoderArguments = { global: [], filters: [], options: [], bitstreamFilters: [] };

/** Ticks a second in our files: one is 11.1 us, so a capture time is off by 5.6 us at most. */
export const TIMESCALE = 90_000;

/** Every encoder here stores colours for two by two pixels (4:2:0). */
export const EVEN: PictureSize = { width: 2, height: 2 };
