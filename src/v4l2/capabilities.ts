import { readCString } from '../native/c-string.ts';
import {
  V4L2_CAP_DEVICE_CAPS,
  V4L2_CAP_META_CAPTURE,
  V4L2_CAP_META_OUTPUT,
  V4L2_CAP_RADIO,
  V4L2_CAP_SDR_CAPTURE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_TOUCH,
  V4L2_CAP_VBI_CAPTURE,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_CAP_VIDEO_CAPTURE_MPLANE,
  V4L2_CAP_VIDEO_M2M,
  V4L2_CAP_VIDEO_M2M_MPLANE,
  V4L2_CAP_VIDEO_OUTPUT,
  V4L2_CAP_VIDEO_OUTPUT_MPLANE,
} from './kernel-constants.ts';
import { CAPABILITY } from './struct-layouts.ts';

/** What a video node can be (V4L2_CAP_*). One piece of hardware often has several nodes with a role each. */
const ROLES = {
  video_capture: V4L2_CAP_VIDEO_CAPTURE,
  video_output: V4L2_CAP_VIDEO_OUTPUT,
  vbi_capture: V4L2_CAP_VBI_CAPTURE,
  video_capture_mplane: V4L2_CAP_VIDEO_CAPTURE_MPLANE,
  video_output_mplane: V4L2_CAP_VIDEO_OUTPUT_MPLANE,
  video_m2m_mplane: V4L2_CAP_VIDEO_M2M_MPLANE,
  video_m2m: V4L2_CAP_VIDEO_M2M,
  radio: V4L2_CAP_RADIO,
  sdr_capture: V4L2_CAP_SDR_CAPTURE,
  metadata_capture: V4L2_CAP_META_CAPTURE,
  metadata_output: V4L2_CAP_META_OUTPUT,
  touch: V4L2_CAP_TOUCH,
} as const;

export type Role = keyof typeof ROLES;

export interface Capabilities {
  /** "uvcvideo" */
  readonly driver: string;
  /** "HD Pro Webcam C920" */
  readonly card: string;
  /** Where it is plugged in: "usb-0000:01:00.0-1.2". */
  readonly bus: string;
  /** Of the kernel's media code: "6.1.0". */
  readonly version: string;
  /** Of this node, not of the whole hardware. */
  readonly roles: readonly Role[];
  /** Has memory-mapped streaming. */
  readonly streaming: boolean;
}

/** Read a struct v4l2_capability. */
export function readCapabilities(bytes: Buffer): Capabilities {
  const { at } = CAPABILITY;
  const all = bytes.readUInt32LE(at.capabilities);
  const flags = (all & V4L2_CAP_DEVICE_CAPS) === 0 ? all : bytes.readUInt32LE(at.device_caps);
  const version = bytes.readUInt32LE(at.version);
  const roles = Object.entries(ROLES).filter(([, bit]) => (flags & bit) !== 0);
  return {
    driver: readCString(bytes, at.driver, 16),
    card: readCString(bytes, at.card, 32),
    bus: readCString(bytes, at.bus_info, 32),
    version: `${version >> 16}.${(version >> 8) & 255}.${version & 255}`,
    roles: roles.map(([role]) => role as Role),
    streaming: (flags & V4L2_CAP_STREAMING) !== 0,
  };
}
