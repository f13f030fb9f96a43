import { readCString } from '../native/c-string.ts';
import { CAPABILITY } from './struct-layouts.ts';

const DEVICE_CAPS = 0x80000000;
const STREAMING = 0x04000000;

/** What a video node can be (V4L2_CAP_*). One piece of hardware often has several nodes with a role each. */
const ROLES = {
  video_capture: 0x00000001,
  video_output: 0x00000002,
  vbi_capture: 0x00000010,
  video_capture_mplane: 0x00001000,
  video_output_mplane: 0x00002000,
  video_m2m_mplane: 0x00004000,
  video_m2m: 0x00008000,
  radio: 0x00040000,
  sdr_capture: 0x00100000,
  metadata_capture: 0x00800000,
  metadata_output: 0x08000000,
  touch: 0x10000000,
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
  const flags = (all & DEVICE_CAPS) === 0 ? all : bytes.readUInt32LE(at.device_caps);
  const version = bytes.readUInt32LE(at.version);
  const roles = Object.entries(ROLES).filter(([, bit]) => (flags & bit) !== 0);
  return {
    driver: readCString(bytes, at.driver, 16),
    card: readCString(bytes, at.card, 32),
    bus: readCString(bytes, at.bus_info, 32),
    version: `${version >> 16}.${(version >> 8) & 255}.${version & 255}`,
    roles: roles.map(([role]) => role as Role),
    streaming: (flags & STREAMING) !== 0,
  };
}
