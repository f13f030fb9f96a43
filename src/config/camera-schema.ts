import type { Schema } from 'convict';
import { controlValues, id, integer, list, MOST_SIDE, numberIn, pixelFormat, source } from './formats.ts';
import type { RtpConfig } from './rtp-schema.ts';

export interface CameraConfig {
  id: string;
  source: string;
  width: number;
  height: number;
  fps: number;
  format: string;
  jpeg_quality: number;
  raw_range: 'auto' | 'full' | 'limited';
  jpeg_encoder: 'auto' | 'software';
  controls: Record<string, number | boolean | string>;
  rtp: RtpConfig[];
  rtp_huffman: 'recode' | 'refuse';
  rtp_restart_markers: 'keep' | 'strip';
  pre_roll_s: number;
  pre_roll_mb: number;
  frozen_after_s: number;
  frozen_recover: boolean;
  dark_after_s: number;
}

/** What a camera is asked for when the config does not say. */
export const DEFAULT_MODE = { width: 1280, height: 720, fps: 30 } as const;

export const CAMERA_SCHEMA: Schema<CameraConfig> = {
  id: { doc: 'Name of the camera in topics, clips and logs.', format: id, default: '' },
  source: {
    doc: 'A camera by a name that stays, as `cambox devices` shows it: usb:VID:PID, usb:VID:PID:SERIAL, serial:SERIAL, path:ID_PATH (the port), a link in /dev/v4l or /dev/cambox, or by /dev/videoN, which changes; synthetic:WIDTHxHEIGHT; or a .mjpeg file, folder or glob of .jpg to replay.',
    format: source,
    default: '',
  },
  width: {
    doc: 'Wanted width in pixels. The camera gives the best size within width and height for the wanted fps (docs/raw-cameras.md; see the log and `cambox status`).',
    format: integer(16, MOST_SIDE),
    default: DEFAULT_MODE.width,
  },
  height: { doc: 'Wanted height in pixels.', format: integer(16, MOST_SIDE), default: DEFAULT_MODE.height },
  fps: { doc: 'Wanted pictures a second.', format: numberIn(0.1, 240), default: DEFAULT_MODE.fps },
  format: {
    doc: 'Pixel format asked of the camera: a V4L2 name (MJPG, YUYV, NV12, ...), or auto: MJPG if it has it, else the best raw one, which is encoded.',
    format: pixelFormat,
    default: 'auto',
  },
  jpeg_quality: {
    doc: 'Quality of the JPEGs that are made of raw pictures; a camera that gives JPEG makes its own.',
    format: integer(1, 100),
    default: 85,
  },
  raw_range: {
    doc: 'Range of the numbers in raw pictures: as the driver says (auto), or full or limited for a driver that says it wrong.',
    format: ['auto', 'full', 'limited'],
    default: 'auto',
  },
  jpeg_encoder: {
    doc: 'What encodes raw pictures: hardware, if the board has some that passes a test (auto), or libjpeg-turbo in any case (software).',
    format: ['auto', 'software'],
    default: 'auto',
  },
  controls: {
    doc: 'What the camera\'s controls are set to at every opening, in this order, by the names that `cambox devices` shows (docs/cameras.md): {"white_balance_automatic": false, "power_line_frequency": "50 Hz"}. Those not named stay as they are.',
    format: controlValues,
    default: {},
  },
  rtp: { doc: 'RTP/JPEG receivers, each with the keys below.', format: list, default: [] },
  rtp_huffman: {
    doc: 'Pictures that RTP cannot carry as they are (optimised Huffman tables, grayscale) are coded anew without loss, or refused.',
    format: ['recode', 'refuse'],
    default: 'recode',
  },
  rtp_restart_markers: {
    doc: 'Restart markers of the camera: keep them, or strip them without loss for receivers that know none (mediamtx).',
    format: ['keep', 'strip'],
    default: 'keep',
  },
  pre_roll_s: {
    doc: 'Seconds of the past kept in memory for the start of a clip.',
    format: numberIn(0, 60),
    default: 5,
  },
  pre_roll_mb: {
    doc: 'Most megabytes that this past may take; the oldest frames go first.',
    format: integer(1, 512),
    default: 24,
  },
  frozen_after_s: {
    doc: 'The same picture for so many seconds is a warning, frozen; 0: never.',
    format: numberIn(0, 3600),
    default: 10,
  },
  frozen_recover: {
    doc: 'A frozen camera is treated like one that gives no pictures: its recovery begins.',
    format: Boolean,
    default: false,
  },
  dark_after_s: {
    doc: 'Pictures that are black, or of one colour, for so many seconds are a warning, dark; 0: never.',
    format: numberIn(0, 3600),
    default: 30,
  },
};
