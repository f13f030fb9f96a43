/**
 * The ioctl requests of <linux/videodev2.h>, composed as <asm-generic/ioctl.h> does it (x64 and arm64): direction in
 * bits 31-30, size of the argument in bits 29-16, type in bits 15-8, number in bits 7-0.
 */
import {
  BUFFER,
  CAPABILITY,
  DECODER_CMD,
  DV_TIMINGS,
  ENCODER_CMD,
  EVENT,
  EVENT_SUBSCRIPTION,
  EXPORTBUFFER,
  EXT_CONTROLS,
  FMTDESC,
  FORMAT,
  FRMIVALENUM,
  FRMSIZEENUM,
  INPUT,
  QUERY_EXT_CTRL,
  QUERYMENU,
  REQUESTBUFFERS,
  SELECTION,
  STREAMPARM,
} from './struct-layouts.ts';

const WRITE = 1;
const READ = 2;
const TYPE = 'V'.charCodeAt(0);
const INT_BYTES = 4;

const request = (direction: number, number: number, size: number): number =>
  ((direction << 30) | (size << 16) | (TYPE << 8) | number) >>> 0;
const ior = (number: number, size: number): number => request(READ, number, size);
const iow = (number: number, size: number): number => request(WRITE, number, size);
const iowr = (number: number, size: number): number => request(READ | WRITE, number, size);

export const VIDIOC_QUERYCAP = ior(0, CAPABILITY.size);
export const VIDIOC_ENUM_FMT = iowr(2, FMTDESC.size);
export const VIDIOC_G_FMT = iowr(4, FORMAT.size);
export const VIDIOC_S_FMT = iowr(5, FORMAT.size);
export const VIDIOC_REQBUFS = iowr(8, REQUESTBUFFERS.size);
export const VIDIOC_QUERYBUF = iowr(9, BUFFER.size);
export const VIDIOC_QBUF = iowr(15, BUFFER.size);
export const VIDIOC_EXPBUF = iowr(16, EXPORTBUFFER.size);
export const VIDIOC_DQBUF = iowr(17, BUFFER.size);
export const VIDIOC_STREAMON = iow(18, INT_BYTES);
export const VIDIOC_STREAMOFF = iow(19, INT_BYTES);
export const VIDIOC_G_PARM = iowr(21, STREAMPARM.size);
export const VIDIOC_S_PARM = iowr(22, STREAMPARM.size);
export const VIDIOC_ENUMINPUT = iowr(26, INPUT.size);
export const VIDIOC_QUERYMENU = iowr(37, QUERYMENU.size);
export const VIDIOC_G_INPUT = ior(38, INT_BYTES);
export const VIDIOC_S_INPUT = iowr(39, INT_BYTES);
export const VIDIOC_TRY_FMT = iowr(64, FORMAT.size);
export const VIDIOC_G_PRIORITY = ior(67, INT_BYTES);
export const VIDIOC_S_PRIORITY = iow(68, INT_BYTES);
export const VIDIOC_G_EXT_CTRLS = iowr(71, EXT_CONTROLS.size);
export const VIDIOC_S_EXT_CTRLS = iowr(72, EXT_CONTROLS.size);
export const VIDIOC_TRY_EXT_CTRLS = iowr(73, EXT_CONTROLS.size);
export const VIDIOC_ENUM_FRAMESIZES = iowr(74, FRMSIZEENUM.size);
export const VIDIOC_ENUM_FRAMEINTERVALS = iowr(75, FRMIVALENUM.size);
export const VIDIOC_ENCODER_CMD = iowr(77, ENCODER_CMD.size);
export const VIDIOC_S_DV_TIMINGS = iowr(87, DV_TIMINGS.size);
export const VIDIOC_G_DV_TIMINGS = iowr(88, DV_TIMINGS.size);
export const VIDIOC_DQEVENT = ior(89, EVENT.size);
export const VIDIOC_SUBSCRIBE_EVENT = iow(90, EVENT_SUBSCRIPTION.size);
export const VIDIOC_UNSUBSCRIBE_EVENT = iow(91, EVENT_SUBSCRIPTION.size);
export const VIDIOC_G_SELECTION = iowr(94, SELECTION.size);
export const VIDIOC_S_SELECTION = iowr(95, SELECTION.size);
export const VIDIOC_DECODER_CMD = iowr(96, DECODER_CMD.size);
export const VIDIOC_QUERY_DV_TIMINGS = ior(99, DV_TIMINGS.size);
export const VIDIOC_QUERY_EXT_CTRL = iowr(103, QUERY_EXT_CTRL.size);
