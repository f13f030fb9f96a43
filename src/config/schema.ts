import type { Schema } from 'convict';
import { ENCODER_WISHES, type EncoderWish } from '../base/encoder-names.ts';
import {
  brokerUrl,
  id,
  integer,
  list,
  nonEmptyText,
  numberIn,
  numberOrNull,
  pixelFormat,
  source,
  text,
} from './formats.ts';

/**
 * Every key, its default, its allowed values and what it means. The single source of config/default.json, of
 * docs/config.md and of the loader. Keys carry their unit.
 */

const CREDENTIAL = 'A path, or credential:NAME for a systemd credential.';

export interface RtpConfig {
  host: string;
  port: number;
  mtu: number;
  ssrc: number | null;
  transport: 'auto' | 'gso' | 'dgram';
  pacing: number;
  rtcp: boolean;
  rtcp_port: number;
  ttl: number | null;
  interface: string;
  loop: boolean;
  dscp: number;
  srtp_key_file: string;
  sdp_file: string;
}

export const RTP_SCHEMA: Schema<RtpConfig> = {
  host: {
    doc: 'Address or name of the receiver, or a multicast group (224.0.0.0/4, ff00::/8).',
    format: nonEmptyText,
    default: '',
  },
  port: { doc: 'UDP port of the receiver.', format: integer(1, 65535), default: 5004 },
  mtu: { doc: 'Largest IP packet sent, in bytes, headers included.', format: integer(256, 65535), default: 1500 },
  ssrc: {
    doc: 'RTP SSRC; null picks a random one at start (RFC 3550 §5.1).',
    format: numberOrNull(0, 4294967295),
    default: null,
  },
  transport: {
    doc: 'How packets leave: one system call for many (gso), one each (dgram), or what a probe at start finds (auto).',
    format: ['auto', 'gso', 'dgram'],
    default: 'auto',
  },
  pacing: {
    doc: 'Part of the frame interval over which the packets of a frame are spread; 0 sends them in one burst.',
    format: numberIn(0, 1),
    default: 0.5,
  },
  rtcp: {
    doc: "Sender reports to the next port, and receivers' reports back (RFC 3550 §6): loss, jitter, round trip.",
    format: Boolean,
    default: true,
  },
  rtcp_port: {
    doc: "Local UDP port for receivers' reports; 0 for any. Most receivers answer to the port that they hear from.",
    format: integer(0, 65535),
    default: 0,
  },
  ttl: {
    doc: 'How many routers packets may pass; null leaves it to the kernel: 1 to a multicast group, 64 to one machine.',
    format: numberOrNull(1, 255),
    default: null,
  },
  interface: {
    doc: 'Network interface that packets leave by, e.g. eth0; empty: as the routing table says.',
    format: text,
    default: '',
  },
  loop: { doc: 'Receivers on this machine hear the multicast group, too.', format: Boolean, default: true },
  dscp: {
    doc: 'Differentiated services code point of all packets (RFC 2474); 34 is AF41.',
    format: integer(0, 63),
    default: 0,
  },
  srtp_key_file: {
    doc: `File with 30 bytes in base64, from \`openssl rand -base64 30\`: encrypts RTP and RTCP (RFC 3711, AES_CM_128_HMAC_SHA1_80); empty for none. ${CREDENTIAL}`,
    format: text,
    default: '',
  },
  sdp_file: {
    doc: 'Where to write the session description that receivers need, at the first frame; empty for nowhere. With an SRTP key only the owner may read it.',
    format: text,
    default: '',
  },
};

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
    doc: 'Wanted width in pixels. The camera gives its largest size within width and height that reaches fps (see the log and `cambox status`).',
    format: integer(16, 8192),
    default: DEFAULT_MODE.width,
  },
  height: { doc: 'Wanted height in pixels.', format: integer(16, 8192), default: DEFAULT_MODE.height },
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

export interface RootConfig {
  box: { id: string };
  cameras: CameraConfig[];
  frames: { memory_mb: number };
  mqtt: {
    url: string;
    username: string;
    password_file: string;
    ca: string;
    cert: string;
    key: string;
    health_interval_s: number;
  };
  record: {
    dir: string;
    encoder: EncoderWish;
    crf: number;
    bitrate_kbps: number | null;
    ffmpeg: string;
    ffprobe: string;
    max_clip_s: number;
    max_clips: number;
    memory_mb: number;
    cpu_tokens: number | null;
  };
  jobs: { queue_length: number };
  recovery: { usb_reset_socket: string };
  control: { socket: string };
  health: { sysfs_root: string };
  log: { level: 'debug' | 'info' | 'warn' | 'error' };
}

export const ROOT_SCHEMA: Schema<RootConfig> = {
  box: {
    id: {
      doc: 'Name of this box: MQTT client id and topic level.',
      format: id,
      default: 'cambox',
      env: 'CAMBOX_BOX_ID',
    },
  },
  cameras: { doc: 'The cameras, each with the keys below.', format: list, default: [] },
  frames: {
    memory_mb: {
      doc: 'Hard cap on the memory for pictures of all cameras together: pre-roll and what is being sent and recorded.',
      format: integer(8, 4096),
      default: 96,
    },
  },
  mqtt: {
    url: {
      doc: 'Broker, e.g. mqtts://fleet.example:8883; empty for none.',
      format: brokerUrl,
      default: '',
      env: 'CAMBOX_MQTT_URL',
    },
    username: {
      doc: 'User name; empty when the certificate tells.',
      format: text,
      default: '',
      env: 'CAMBOX_MQTT_USERNAME',
    },
    password_file: {
      doc: `File with the password. ${CREDENTIAL}`,
      format: text,
      default: '',
      env: 'CAMBOX_MQTT_PASSWORD_FILE',
    },
    ca: { doc: `Certificate authority of the broker, PEM. ${CREDENTIAL}`, format: text, default: '' },
    cert: { doc: `Certificate of this box, PEM. ${CREDENTIAL}`, format: text, default: '' },
    key: { doc: `Private key of this box, PEM. ${CREDENTIAL}`, format: text, default: '' },
    health_interval_s: { doc: 'Seconds between health reports.', format: numberIn(1, 3600), default: 10 },
  },
  record: {
    dir: {
      doc: 'Folder of the clips.',
      format: nonEmptyText,
      default: '/var/lib/cambox/clips',
      env: 'CAMBOX_RECORD_DIR',
    },
    encoder: {
      doc: "Encoder of clips: copy stores the camera's JPEGs as they are, auto takes the first that works here at the camera's size (docs/recording.md); or one by its name.",
      format: [...ENCODER_WISHES],
      default: 'auto',
    },
    crf: {
      doc: "Quality of encoded clips on H.264's scale: 18 hardly any loss, 23 usual, 30 rough; six more halve the bytes.",
      format: integer(10, 40),
      default: 23,
    },
    bitrate_kbps: {
      doc: 'Bitrate of encoded clips instead of a quality; null for the quality. Encoders that know bitrates alone get what the quality usually takes.',
      format: numberOrNull(100, 100_000),
      default: null,
    },
    ffmpeg: { doc: 'The ffmpeg program.', format: nonEmptyText, default: 'ffmpeg' },
    ffprobe: { doc: 'The ffprobe program.', format: nonEmptyText, default: 'ffprobe' },
    max_clip_s: { doc: 'A clip ends after so many seconds at the latest.', format: integer(1, 86400), default: 3600 },
    max_clips: {
      doc: 'Clips of one camera that may be recorded at the same time.',
      format: integer(1, 16),
      default: 4,
    },
    memory_mb: {
      doc: 'Memory for the whole box: frames.memory_mb, 72 MB for the daemon, and the rest for ffmpeg children. By default 512 MB less 15 %, as MemoryMax= of the unit.',
      format: integer(128, 65536),
      default: 435,
    },
    cpu_tokens: {
      doc: 'Processor cores that ffmpeg children may keep busy; null: all there are.',
      format: numberOrNull(0.25, 1024),
      default: null,
    },
  },
  jobs: {
    queue_length: {
      doc: 'Jobs (cuts, exports, timelapses) that may wait for their turn; more are answered busy, with a time to come back.',
      format: integer(1, 4096),
      default: 256,
    },
  },
  recovery: {
    usb_reset_socket: {
      doc: 'Socket of the unit that resets USB cameras (cambox-usb-reset.socket).',
      format: nonEmptyText,
      default: '/run/cambox-usb-reset.sock',
    },
  },
  control: {
    socket: {
      doc: 'Unix socket of the CLI.',
      format: nonEmptyText,
      default: '/run/cambox/control.sock',
      env: 'CAMBOX_CONTROL_SOCKET',
    },
  },
  health: {
    sysfs_root: { doc: 'Where sysfs is mounted (temperatures, throttling).', format: nonEmptyText, default: '/sys' },
  },
  log: {
    level: {
      doc: 'Least level that is logged.',
      format: ['debug', 'info', 'warn', 'error'],
      default: 'info',
      env: 'CAMBOX_LOG_LEVEL',
    },
  },
};
