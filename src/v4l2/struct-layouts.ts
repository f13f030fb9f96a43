/**
 * Sizes and offsets of the structs of <linux/videodev2.h>, the same on x64 and arm64. `kernel-structs.ts` holds their
 * C declarations and compares; the unit test compares with what gcc says.
 */

export const CAPABILITY = {
  name: 'struct v4l2_capability',
  size: 104,
  at: { driver: 0, card: 16, bus_info: 48, version: 80, capabilities: 84, device_caps: 88 },
} as const;

export const FMTDESC = {
  name: 'struct v4l2_fmtdesc',
  size: 64,
  at: { index: 0, type: 4, flags: 8, description: 12, pixelformat: 44 },
} as const;

export const FRMSIZEENUM = {
  name: 'struct v4l2_frmsizeenum',
  size: 44,
  at: {
    index: 0,
    pixel_format: 4,
    type: 8,
    'discrete.width': 12,
    'discrete.height': 16,
    'stepwise.min_width': 12,
    'stepwise.max_width': 16,
    'stepwise.step_width': 20,
    'stepwise.min_height': 24,
    'stepwise.max_height': 28,
    'stepwise.step_height': 32,
  },
} as const;

export const FRMIVALENUM = {
  name: 'struct v4l2_frmivalenum',
  size: 52,
  at: {
    index: 0,
    pixel_format: 4,
    width: 8,
    height: 12,
    type: 16,
    'discrete.numerator': 20,
    'discrete.denominator': 24,
    'stepwise.min.numerator': 20,
    'stepwise.min.denominator': 24,
    'stepwise.max.numerator': 28,
    'stepwise.max.denominator': 32,
  },
} as const;

export const FORMAT = {
  name: 'struct v4l2_format',
  size: 208,
  at: {
    type: 0,
    'fmt.pix.width': 8,
    'fmt.pix.height': 12,
    'fmt.pix.pixelformat': 16,
    'fmt.pix.field': 20,
    'fmt.pix.bytesperline': 24,
    'fmt.pix.sizeimage': 28,
    'fmt.pix.colorspace': 32,
    'fmt.pix.ycbcr_enc': 44,
    'fmt.pix.quantization': 48,
  },
} as const;

export const STREAMPARM = {
  name: 'struct v4l2_streamparm',
  size: 204,
  at: {
    type: 0,
    'parm.capture.capability': 4,
    'parm.capture.timeperframe.numerator': 12,
    'parm.capture.timeperframe.denominator': 16,
  },
} as const;

export const REQUESTBUFFERS = {
  name: 'struct v4l2_requestbuffers',
  size: 20,
  at: { count: 0, type: 4, memory: 8 },
} as const;

export const BUFFER = {
  name: 'struct v4l2_buffer',
  size: 88,
  at: {
    index: 0,
    type: 4,
    bytesused: 8,
    flags: 12,
    field: 16,
    'timestamp.tv_sec': 24,
    'timestamp.tv_usec': 32,
    sequence: 56,
    memory: 60,
    'm.offset': 64,
    length: 72,
  },
} as const;

export const QUERY_EXT_CTRL = {
  name: 'struct v4l2_query_ext_ctrl',
  size: 232,
  at: { id: 0, type: 4, name: 8, minimum: 40, maximum: 48, step: 56, default_value: 64, flags: 72 },
} as const;

export const QUERYMENU = {
  name: 'struct v4l2_querymenu',
  size: 44,
  at: { id: 0, index: 4, name: 8, value: 8 },
} as const;

export const CONTROL = {
  name: 'struct v4l2_control',
  size: 8,
  at: { id: 0, value: 4 },
} as const;
