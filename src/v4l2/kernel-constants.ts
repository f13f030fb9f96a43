/**
 * Numbers of <linux/videodev2.h> and <linux/v4l2-common.h>, by the names they have there. A unit test compares all of
 * them with the headers.
 */

// What a node is: struct v4l2_capability.
export const V4L2_CAP_VIDEO_CAPTURE = 0x00000001;
export const V4L2_CAP_VIDEO_OUTPUT = 0x00000002;
export const V4L2_CAP_VBI_CAPTURE = 0x00000010;
export const V4L2_CAP_VIDEO_CAPTURE_MPLANE = 0x00001000;
export const V4L2_CAP_VIDEO_OUTPUT_MPLANE = 0x00002000;
export const V4L2_CAP_VIDEO_M2M_MPLANE = 0x00004000;
export const V4L2_CAP_VIDEO_M2M = 0x00008000;
export const V4L2_CAP_RADIO = 0x00040000;
export const V4L2_CAP_SDR_CAPTURE = 0x00100000;
export const V4L2_CAP_META_CAPTURE = 0x00800000;
export const V4L2_CAP_STREAMING = 0x04000000;
export const V4L2_CAP_META_OUTPUT = 0x08000000;
export const V4L2_CAP_TOUCH = 0x10000000;
export const V4L2_CAP_DEVICE_CAPS = 0x80000000;

// Queues and buffers.
export const V4L2_BUF_TYPE_VIDEO_CAPTURE = 1;
export const V4L2_BUF_TYPE_VIDEO_OUTPUT = 2;
export const V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE = 9;
export const V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE = 10;
export const V4L2_MEMORY_MMAP = 1;
export const V4L2_FIELD_NONE = 1;
export const V4L2_BUF_FLAG_KEYFRAME = 0x00000008;
export const V4L2_BUF_FLAG_ERROR = 0x00000040;
export const V4L2_BUF_FLAG_TIMESTAMP_MASK = 0x0000e000;
export const V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC = 0x00002000;
export const V4L2_BUF_FLAG_TSTAMP_SRC_MASK = 0x00070000;
export const V4L2_BUF_FLAG_TSTAMP_SRC_SOE = 0x00010000;
export const V4L2_BUF_FLAG_LAST = 0x00100000;
export const VIDEO_MAX_PLANES = 8;

// Formats and rates.
export const V4L2_FMT_FLAG_COMPRESSED = 0x0001;
export const V4L2_FMT_FLAG_EMULATED = 0x0002;
export const V4L2_FRMSIZE_TYPE_DISCRETE = 1;
export const V4L2_FRMSIZE_TYPE_CONTINUOUS = 2;
export const V4L2_FRMIVAL_TYPE_DISCRETE = 1;
export const V4L2_CAP_TIMEPERFRAME = 0x1000;

// Controls.
export const V4L2_CTRL_TYPE_INTEGER = 1;
export const V4L2_CTRL_TYPE_BOOLEAN = 2;
export const V4L2_CTRL_TYPE_MENU = 3;
export const V4L2_CTRL_TYPE_BUTTON = 4;
export const V4L2_CTRL_TYPE_INTEGER64 = 5;
export const V4L2_CTRL_TYPE_CTRL_CLASS = 6;
export const V4L2_CTRL_TYPE_STRING = 7;
export const V4L2_CTRL_TYPE_BITMASK = 8;
export const V4L2_CTRL_TYPE_INTEGER_MENU = 9;
export const V4L2_CTRL_FLAG_DISABLED = 0x0001;
export const V4L2_CTRL_FLAG_GRABBED = 0x0002;
export const V4L2_CTRL_FLAG_READ_ONLY = 0x0004;
export const V4L2_CTRL_FLAG_UPDATE = 0x0008;
export const V4L2_CTRL_FLAG_INACTIVE = 0x0010;
export const V4L2_CTRL_FLAG_WRITE_ONLY = 0x0040;
export const V4L2_CTRL_FLAG_VOLATILE = 0x0080;
export const V4L2_CTRL_FLAG_HAS_PAYLOAD = 0x0100;
export const V4L2_CTRL_FLAG_MODIFY_LAYOUT = 0x0400;
export const V4L2_CTRL_FLAG_NEXT_CTRL = 0x80000000;
export const V4L2_CTRL_FLAG_NEXT_COMPOUND = 0x40000000;
export const V4L2_CTRL_WHICH_CUR_VAL = 0;

// Events.
export const V4L2_EVENT_VSYNC = 1;
export const V4L2_EVENT_EOS = 2;
export const V4L2_EVENT_CTRL = 3;
export const V4L2_EVENT_FRAME_SYNC = 4;
export const V4L2_EVENT_SOURCE_CHANGE = 5;
export const V4L2_EVENT_SUB_FL_SEND_INITIAL = 1;
export const V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK = 2;
export const V4L2_EVENT_CTRL_CH_VALUE = 1;
export const V4L2_EVENT_CTRL_CH_FLAGS = 2;
export const V4L2_EVENT_CTRL_CH_RANGE = 4;
export const V4L2_EVENT_SRC_CH_RESOLUTION = 1;

// Codecs.
export const V4L2_ENC_CMD_STOP = 1;
export const V4L2_DEC_CMD_STOP = 1;

// Who goes first.
export const V4L2_PRIORITY_BACKGROUND = 1;
export const V4L2_PRIORITY_INTERACTIVE = 2;
export const V4L2_PRIORITY_RECORD = 3;

// Inputs, and what is on them.
export const V4L2_IN_ST_NO_POWER = 0x00000001;
export const V4L2_IN_ST_NO_SIGNAL = 0x00000002;
export const V4L2_IN_ST_NO_COLOR = 0x00000004;
export const V4L2_IN_ST_NO_H_LOCK = 0x00000100;
export const V4L2_IN_ST_NO_SYNC = 0x00010000;
export const V4L2_IN_CAP_DV_TIMINGS = 0x00000002;
export const V4L2_IN_CAP_STD = 0x00000004;
export const V4L2_DV_INTERLACED = 1;

// Parts of a picture.
export const V4L2_SEL_TGT_CROP = 0x0000;
export const V4L2_SEL_TGT_CROP_DEFAULT = 0x0001;
export const V4L2_SEL_TGT_CROP_BOUNDS = 0x0002;
export const V4L2_SEL_TGT_NATIVE_SIZE = 0x0003;
export const V4L2_SEL_TGT_COMPOSE = 0x0100;
