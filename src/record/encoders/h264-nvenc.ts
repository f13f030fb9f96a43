import { COLOUR_OPTIONS, toVideo } from './colours.ts';
import { type EncoderProfile, EVEN, TIMESCALE } from './encoder-profile.ts';
import { EACH_SECOND, groupOfPictures } from './key-frames.ts';
import { fitPicture } from './picture-fit.ts';
import { bitrateOptions } from './video-bitrate.ts';

/** NVIDIA graphics cards. Without `forced-idr` a forced key frame would be no place to start at. */
export const H264_NVENC: EncoderProfile = {
  name: 'h264_nvenc',
  kind: 'hardware',
  devices: ['/dev/nvidia0'],
  multiple: EVEN,
  timescale: TIMESCALE,
  arguments({ size, fps, quality }) {
    const rate =
      quality.bitrateKbps === undefined
        ? ['-rc', 'vbr', '-cq', String(quality.crf), '-b:v', '0']
        : ['-rc', 'vbr', ...bitrateOptions(quality.bitrateKbps)];
    return {
      global: [],
      filters: [...fitPicture(size, EVEN).filters, ...toVideo('yuv420p')],
      options: [
        ...['-preset', 'p2', '-tune', 'll', '-zerolatency', '1', ...rate, '-bf', '0', '-forced-idr', '1'],
        ...[...COLOUR_OPTIONS, ...groupOfPictures(fps), ...EACH_SECOND],
      ],
      bitstreamFilters: [],
    };
  },
};
