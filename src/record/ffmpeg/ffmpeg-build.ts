import { createHash } from 'node:crypto';
import type { PassthroughOption } from './ffmpeg-arguments.ts';

/** What matters to us of an installed ffmpeg. */
export interface FfmpegBuild {
  /** As it names itself: "5.1.9-0+deb12u1", "N-47683-g0e8eb07980". */
  readonly version: string;
  /** Changes with the build: version, configuration and libraries. */
  readonly fingerprint: string;
  readonly passthrough: PassthroughOption;
}

/** libavutil of FFmpeg 5.1, the first release that has `-fps_mode`. */
const FPS_MODE_SINCE = { major: 57, minor: 28 };

/**
 * Read the output of `ffmpeg -version`, or undefined when it is none. `-fps_mode` came with 5.1, `-vsync` is deprecated
 * since then. Judged by libavutil's version, because distributions and snapshot builds name ffmpeg itself as they like.
 */
export function parseFfmpegVersion(text: string): FfmpegBuild | undefined {
  const version = /^ffmpeg version (\S+)/m.exec(text)?.[1];
  const libavutil = /^libavutil\s+(\d+)\.\s*(\d+)\./m.exec(text);
  if (version === undefined || libavutil === null) return undefined;
  const [major, minor] = [Number(libavutil[1]), Number(libavutil[2])];
  const hasFpsMode = major > FPS_MODE_SINCE.major || (major === FPS_MODE_SINCE.major && minor >= FPS_MODE_SINCE.minor);
  const fingerprint = createHash('sha256').update(text).digest('base64url').slice(0, 12);
  return { version, fingerprint, passthrough: hasFpsMode ? '-fps_mode' : '-vsync' };
}
