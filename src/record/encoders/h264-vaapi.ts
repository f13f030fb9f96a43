import { COLOUR_OPTIONS, toVideo } from './colours.ts';
import { type EncoderProfile, EVEN, TIMESCALE } from './encoder-profile.ts';
import { EACH_SECOND, groupOfPictures } from './key-frames.ts';
import { fitPicture } from './picture-fit.ts';
import { bitrateOptions } from './video-bitrate.ts';

const USUAL_DEVICE = '/dev/dri/renderD128';

/** Intel and AMD graphics. Pictures are uploaded to the device; it crops by itself. No B-frames: frames stay in order. */
export const H264_VAAPI: EncoderProfile = {
  name: 'h264_vaapi',
  kind: 'hardware',
  devices: ['/dev/dri/renderD'],
  multiple: EVEN,
  timescale: TIMESCALE,
  arguments({ size, fps, quality, device = USUAL_DEVICE }) {
    const rate =
      quality.bitrateKbps === undefined
        ? ['-rc_mode', 'CQP', '-qp', String(quality.crf)]
        : ['-rc_mode', 'VBR', ...bitrateOptions(quality.bitrateKbps)];
    return {
      global: ['-vaapi_device', device],
      filters: [...fitPicture(size, EVEN).filters, ...toVideo('nv12'), 'hwupload'],
      options: [...rate, '-bf', '0', ...COLOUR_OPTIONS, ...groupOfPictures(fps), ...EACH_SECOND],
      bitstreamFilters: [],
    };
  },
};
