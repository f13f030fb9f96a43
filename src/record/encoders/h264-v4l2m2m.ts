import { COLOUR_OPTIONS, h264Headers, toVideo } from './colours.ts';
import { type EncoderProfile, TIMESCALE } from './encoder-profile.ts';
import { EACH_SECOND, groupOfPictures } from './key-frames.ts';
import { fitPicture } from './picture-fit.ts';
import { bitrateKbps } from './video-bitrate.ts';

/**
 * FFmpeg hands a picture to the driver line by line as it lies in memory, whatever line length the driver asks for
 * (libavcodec/v4l2_buffers.c, v4l2_buffer_swframe_to_buf). Both agree for luma lines of a multiple of 64, which makes
 * chroma lines multiples of 32, and for a height of whole macroblocks.
 */
const MULTIPLE = { width: 64, height: 16 };

/**
 * V4L2 mem2mem: Raspberry Pi 3 and 4 (bcm2835-codec), many boards with a Hantro, Coda or Venus. Takes yuv420p alone
 * and knows bitrates alone. Few buffers, as they are taken from the small contiguous memory (CMA).
 */
export const H264_V4L2M2M: EncoderProfile = {
  name: 'h264_v4l2m2m',
  kind: 'hardware',
  devices: ['/dev/video'],
  multiple: MULTIPLE,
  timescale: TIMESCALE,
  arguments(job) {
    const { filters, padding } = fitPicture(job.size, MULTIPLE);
    return {
      global: [],
      filters: [...filters, ...toVideo('yuv420p')],
      options: [
        ...['-b:v', `${bitrateKbps(job)}k`, '-num_output_buffers', '8', '-num_capture_buffers', '4'],
        ...[...COLOUR_OPTIONS, ...groupOfPictures(job.fps), ...EACH_SECOND],
      ],
      bitstreamFilters: [h264Headers(padding)],
    };
  },
};
