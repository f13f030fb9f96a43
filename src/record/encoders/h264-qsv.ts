import { COLOUR_OPTIONS, toVideo } from './colours.ts';
import { type EncoderProfile, EVEN, TIMESCALE } from './encoder-profile.ts';
import { EACH_SECOND, groupOfPictures } from './key-frames.ts';
import { fitPicture } from './picture-fit.ts';
import { bitrateOptions } from './video-bitrate.ts';

/** Intel Quick Sync. It uploads pictures itself. Without `forced_idr` a forced key frame would be no place to start at. */
export const H264_QSV: EncoderProfile = {
  name: 'h264_qsv',
  kind: 'hardware',
  devices: ['/dev/dri/renderD'],
  multiple: EVEN,
  timescale: TIMESCALE,
  arguments({ size, fps, quality }) {
    const rate =
      quality.bitrateKbps === undefined
        ? ['-global_quality', String(quality.crf)]
        : bitrateOptions(quality.bitrateKbps);
    return {
      global: [],
      filters: [...fitPicture(size, EVEN).filters, ...toVideo('nv12')],
      options: [
        ...['-preset', 'veryfast', ...rate, '-bf', '0', '-async_depth', '1', '-forced_idr', '1'],
        ...[...COLOUR_OPTIONS, ...groupOfPictures(fps), ...EACH_SECOND],
      ],
      bitstreamFilters: [],
    };
  },
};
