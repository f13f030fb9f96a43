import { COLOUR_OPTIONS, toVideo } from './colours.ts';
import { type EncoderProfile, EVEN } from './encoder-profile.ts';
import { EACH_SECOND, groupOfPictures } from './key-frames.ts';
import { fitPicture } from './picture-fit.ts';
import { bitrateOptions, mpeg4Quantiser } from './video-bitrate.ts';

/**
 * MPEG-4 part 2 by the processor: part of every ffmpeg, also of those without libx264. Its clock has 16 bits (ISO/IEC
 * 14496-2 §6.3.3, vop_time_increment_resolution): 60000 ticks a second leave 8.3 us at most between a capture time and
 * the file.
 */
export const MPEG4: EncoderProfile = {
  name: 'mpeg4',
  kind: 'software',
  devices: [],
  multiple: EVEN,
  timescale: 60_000,
  arguments({ size, fps, quality }) {
    const rate =
      quality.bitrateKbps === undefined
        ? ['-q:v', String(mpeg4Quantiser(quality.crf))]
        : bitrateOptions(quality.bitrateKbps);
    return {
      global: [],
      filters: [...fitPicture(size, EVEN).filters, ...toVideo('yuv420p')],
      options: [...rate, '-bf', '0', '-threads', '1', ...COLOUR_OPTIONS, ...groupOfPictures(fps), ...EACH_SECOND],
      bitstreamFilters: [],
    };
  },
};
