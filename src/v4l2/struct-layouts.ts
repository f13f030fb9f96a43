/**
 * Sizes and offsets of the structs of <linux/videodev2.h>, the same on x64 and arm64. A unit test compares them with
 * what C compilers for both make of the kernel's own header; `assertAbi` refuses every other kind of machine.
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
    'fmt.pix_mp.width': 8,
    'fmt.pix_mp.height': 12,
    'fmt.pix_mp.pixelformat': 16,
    'fmt.pix_mp.field': 20,
    'fmt.pix_mp.colorspace': 24,
    'fmt.pix_mp.plane_fmt': 28,
    'fmt.pix_mp.num_planes': 188,
    'fmt.pix_mp.ycbcr_enc': 190,
    'fmt.pix_mp.quantization': 191,
  },
} as const;

export const PLANE_PIX_FORMAT = {
  name: 'struct v4l2_plane_pix_format',
  size: 20,
  at: { sizeimage: 0, bytesperline: 4 },
} as const;

/** `parm.output` lies the same way. */
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
    'm.planes': 64,
    length: 72,
  },
} as const;

export const PLANE = {
  name: 'struct v4l2_plane',
  size: 64,
  at: { bytesused: 0, length: 4, 'm.mem_offset': 8, data_offset: 16 },
} as const;

export const EXPORTBUFFER = {
  name: 'struct v4l2_exportbuffer',
  size: 64,
  at: { type: 0, index: 4, plane: 8, flags: 12, fd: 16 },
} as const;

export const QUERY_EXT_CTRL = {
  name: 'struct v4l2_query_ext_ctrl',
  size: 232,
  at: {
    id: 0,
    type: 4,
    name: 8,
    minimum: 40,
    maximum: 48,
    step: 56,
    default_value: 64,
    flags: 72,
    elem_size: 76,
    elems: 80,
    nr_of_dims: 84,
    dims: 88,
  },
} as const;

export const QUERYMENU = {
  name: 'struct v4l2_querymenu',
  size: 44,
  at: { id: 0, index: 4, name: 8, value: 8 },
} as const;

/** Packed: in an array, every other one is not aligned to 8 bytes. */
export const EXT_CONTROL = {
  name: 'struct v4l2_ext_control',
  size: 20,
  at: { id: 0, size: 4, value: 12, value64: 12, ptr: 12 },
} as const;

export const EXT_CONTROLS = {
  name: 'struct v4l2_ext_controls',
  size: 32,
  at: { which: 0, count: 4, error_idx: 8, controls: 24 },
} as const;

export const EVENT_SUBSCRIPTION = {
  name: 'struct v4l2_event_subscription',
  size: 32,
  at: { type: 0, id: 4, flags: 8 },
} as const;

export const EVENT = {
  name: 'struct v4l2_event',
  size: 136,
  at: {
    type: 0,
    'u.vsync.field': 8,
    'u.ctrl.changes': 8,
    'u.ctrl.type': 12,
    'u.ctrl.value': 16,
    'u.ctrl.value64': 16,
    'u.ctrl.flags': 24,
    'u.ctrl.minimum': 28,
    'u.ctrl.maximum': 32,
    'u.frame_sync.frame_sequence': 8,
    'u.src_change.changes': 8,
    pending: 72,
    sequence: 76,
    'timestamp.tv_sec': 80,
    'timestamp.tv_nsec': 88,
    id: 96,
  },
} as const;

export const INPUT = {
  name: 'struct v4l2_input',
  size: 80,
  at: { index: 0, name: 4, type: 36, std: 48, status: 56, capabilities: 60 },
} as const;

/** Packed. */
export const DV_TIMINGS = {
  name: 'struct v4l2_dv_timings',
  size: 132,
  at: {
    type: 0,
    'bt.width': 4,
    'bt.height': 8,
    'bt.interlaced': 12,
    'bt.pixelclock': 20,
    'bt.hfrontporch': 28,
    'bt.hsync': 32,
    'bt.hbackporch': 36,
    'bt.vfrontporch': 40,
    'bt.vsync': 44,
    'bt.vbackporch': 48,
    'bt.il_vfrontporch': 52,
    'bt.il_vsync': 56,
    'bt.il_vbackporch': 60,
    'bt.flags': 68,
  },
} as const;

export const SELECTION = {
  name: 'struct v4l2_selection',
  size: 64,
  at: { type: 0, target: 4, flags: 8, 'r.left': 12, 'r.top': 16, 'r.width': 20, 'r.height': 24 },
} as const;

export const ENCODER_CMD = {
  name: 'struct v4l2_encoder_cmd',
  size: 40,
  at: { cmd: 0, flags: 4 },
} as const;

export const DECODER_CMD = {
  name: 'struct v4l2_decoder_cmd',
  size: 72,
  at: { cmd: 0, flags: 4 },
} as const;
