import { COLOUR_OPTIONS, h264Headers, toVideo } from './colours.ts';
import { type EncoderProfile, TIMESCALE } from './encoder-profile.ts';
import { EACH_SECOND, groupOfPictures } from './key-frames.ts';
import { fitPicture } from './picture-fit.ts';
import { bitrateKbps } from './video-bitrate.ts';

/** Whole macroblocks. */
const MULTIPLE = { width: 16, height: 16 };

/**
 * NVIDIA Jetson (Nano, TX2, Xavier, AGX Orin; the Orin Nano has no encoder), by an ffmpeg with the jetson-ffmpeg patch.
 * Knows bitrates alone, and counts pictures for its key frames.
 */
export const H264_NVMPI: EncoderProfile = {
  name: 'h264_nvmpi',
  kind: 'hardware',
  devices: ['/dev/nvhost-msenc', '/dev/v4l2-nvenc'],
  multiple: MULTIPLE,
  timescale: TIMESCALE,
  arguments(job) {
    const { filters, padding } = fitPicture(job.size, MULTIPLE);
    return {
      global: [],
      filters: [...filters, ...toVideo('yuv420p')],
      options: ['-b:v', `${bitrateKbps(job)}k`, ...COLOUR_OPTIONS, ...groupOfPictures(job.fps), ...EACH_SECOND],
      bitstreamFilters: [h264Headers(padding)],
    };
  },
};
