/**
 * Every ffmpeg command line of the recorder, and nothing else: pure, so that golden tests hold it. fluent-ffmpeg is used
 * for its argument builder alone; its run path asks ffmpeg for its capabilities in a way that breaks with ffmpeg 7.
 */
import ffmpeg from 'fluent-ffmpeg';
import type { ClipEncoder } from './clip.ts';

/** How this ffmpeg is told to keep every frame at its own time: see `FfmpegBuild`. */
export type PassthroughOption = '-fps_mode' | '-vsync';

export type VideoContainer = 'mp4' | 'matroska';

export interface ClipArguments {
  readonly encoder: ClipEncoder;
  /** mp4 when left out. */
  readonly container?: VideoContainer;
  readonly passthrough: PassthroughOption;
  /** Absolute path of the file to write. */
  readonly output: string;
}

/** Ticks a second in our files: one is 11.1 us, so a capture time is off by 5.6 us at most. */
export const TIMESCALE = 90_000;

/**
 * Read Matroska from stdin, write one fragmented MP4 that plays up to its last fragment whatever happens to ffmpeg, or
 * one Matroska file, which does so by itself (and whose times are milliseconds).
 */
export function clipArguments(clip: ClipArguments): readonly string[] {
  const { encoder, passthrough, output, container = 'mp4' } = clip;
  const timescale = container === 'mp4' ? ['-video_track_timescale', String(TIMESCALE)] : [];
  const command = ffmpeg('pipe:0')
    .inputOptions('-hide_banner', '-nostdin', '-loglevel', 'error', '-threads', '1')
    .inputFormat('matroska')
    .output(output)
    .format(container)
    .outputOptions('-map', '0:v:0', passthrough, 'passthrough')
    .outputOptions('-enc_time_base', `1:${TIMESCALE}`, ...timescale)
    .outputOptions('-flush_packets', '1');
  switch (encoder) {
    case 'copy':
      command.videoCodec('copy');
      break;
    case 'libx264':
      command
        .videoCodec('libx264')
        .outputOptions('-preset', 'ultrafast', '-tune', 'zerolatency', '-crf', '23')
        .outputOptions('-threads', '1', '-filter_threads', '1')
        // USB cameras send 4:2:2, which many players refuse. A JPEG's colours are BT.601 (JFIF): say so in the stream.
        .outputOptions('-pix_fmt', 'yuv420p', '-color_range', 'tv', '-colorspace', 'bt470bg')
        // A key frame, and so a fragment, each second of capture time, whatever the frame rate does.
        .outputOptions('-force_key_frames', 'expr:gte(t,n_forced)');
      break;
  }
  if (container === 'mp4') command.outputOptions(...FRAGMENTS[encoder]);
  return command._getArguments();
}

const FRAGMENTS: Readonly<Record<ClipEncoder, readonly string[]>> = {
  // Every JPEG is a key frame: fragments by time, or each picture would become one.
  copy: ['-movflags', '+empty_moov+default_base_moof', '-frag_duration', '500000'],
  libx264: ['-movflags', '+frag_keyframe+empty_moov+default_base_moof'],
};

/** Count the frames that can be read from a file: prints one number. */
export function countFramesArguments(path: string): readonly string[] {
  return [
    ...['-v', 'error', '-select_streams', 'v:0', '-count_packets'],
    ...['-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', path],
  ];
}
