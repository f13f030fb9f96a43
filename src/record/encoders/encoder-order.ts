import { ENCODER_NAMES, type EncoderName } from '../../base/encoder-names.ts';
import { COPY } from './copy.ts';
import type { EncoderProfile } from './encoder-profile.ts';
import { H264_NVENC } from './h264-nvenc.ts';
import { H264_NVMPI } from './h264-nvmpi.ts';
import { H264_QSV } from './h264-qsv.ts';
import { H264_RKMPP } from './h264-rkmpp.ts';
import { H264_V4L2M2M } from './h264-v4l2m2m.ts';
import { H264_VAAPI } from './h264-vaapi.ts';
import { LIBX264 } from './libx264.ts';
import { MPEG4 } from './mpeg4.ts';

const BY_NAME: Readonly<Record<EncoderName, EncoderProfile>> = {
  h264_nvmpi: H264_NVMPI,
  h264_v4l2m2m: H264_V4L2M2M,
  h264_rkmpp: H264_RKMPP,
  h264_vaapi: H264_VAAPI,
  h264_qsv: H264_QSV,
  h264_nvenc: H264_NVENC,
  libx264: LIBX264,
  mpeg4: MPEG4,
  copy: COPY,
};

export const profileOf = (name: EncoderName): EncoderProfile => BY_NAME[name];

/** In the order in which `auto` tries them. */
export const PROFILES: readonly EncoderProfile[] = ENCODER_NAMES.map(profileOf);
