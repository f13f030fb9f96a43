import { COLOUR_OPTIONS, h264Headers, toVideo } from './colours.ts';
import { type EncoderProfile, EVEN, TIMESCALE } from './encoder-profile.ts';
import { EACH_SECOND, groupOfPictures } from './key-frames.ts';
import { fitPicture } from './picture-fit.ts';
import { bitrateKbps } from './video-bitrate.ts';

/**
 * Rockchip (RK3566, RK3588 …) by its Media Process Platform: in ffmpeg-rockchip, and in FFmpeg after 8.0. The two share
 * no option for quality, so bitrates alone; the first sets its key frames by count.
 */
export const H264_RKMPP: EncoderProfile = {
  name: 'h264_rkmpp',
  kind: 'hardware',
  devices: ['/dev/mpp_service'],
  multiple: EVEN,
  timescale: TIMESCALE,
  arguments(job) {
    const { filters, padding } = fitPicture(job.size, EVEN);
    return {
      global: [],
      filters: [...filters, ...toVideo('nv12')],
      options: ['-b:v', `${bitrateKbps(job)}k`, ...COLOUR_OPTIONS, ...groupOfPictures(job.fps), ...EACH_SECOND],
      bitstreamFilters: [h264Headers(padding)],
    };
  },
};
