import type { Schema } from 'convict';
import { ENCODER_WISHES, type EncoderWish } from '../base/encoder-names.ts';
import type { CameraConfig } from './camera-schema.ts';
import { CREDENTIAL } from './credential-doc.ts';
import {
  brokerUrl,
  exportPlace,
  id,
  integer,
  integerOrNull,
  list,
  nonEmptyText,
  numberIn,
  numberOrNull,
  numbersByClass,
  publicKeys,
  text,
} from './formats.ts';

/**
 * Every key, its default, its allowed values and what it means; camera-schema.ts and rtp-schema.ts hold those of the lists.
 * The single source of config/default.json, of docs/config.md and of the loader. Keys carry their unit.
 */

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
    telemetry_interval_s: number;
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
    cpu_tokens: number;
  };
  retention: {
    max_age_days: number | null;
    class_max_age_days: Record<string, number>;
    max_gb: number | null;
    camera_max_gb: number | null;
    least_free_mb: number;
  };
  jobs: { queue_length: number };
  export: { to: string; recipients: string[]; ca: string; cert: string; key: string; token_file: string };
  recovery: { usb_reset_socket: string };
  control: { socket: string };
  health: { sysfs_root: string; telemetry_mb: number; prometheus_file: string };
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
    telemetry_interval_s: {
      doc: 'Seconds between samples of telemetry (docs/mqtt.md); 0 for none.',
      format: numberIn(0, 3600),
      default: 60,
    },
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
      format: integerOrNull(100, 100_000),
      default: null,
    },
    ffmpeg: { doc: 'The ffmpeg program.', format: nonEmptyText, default: 'ffmpeg' },
    ffprobe: { doc: 'The ffprobe program.', format: nonEmptyText, default: 'ffprobe' },
    max_clip_s: {
      doc: 'A file of a clip lasts so many seconds after its trigger; a longer clip goes on in the next file, without a gap.',
      format: integer(1, 86400),
      default: 3600,
    },
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
      doc: 'Processor cores that ffmpeg children may keep busy; 0: all there are.',
      format: numberIn(0, 1024),
      default: 0,
    },
  },
  retention: {
    max_age_days: {
      doc: 'Clips older than this are deleted, while the clock is known to be right; null: age is no reason. Protected clips are never deleted.',
      format: numberOrNull(0.01, 36_500),
      default: null,
    },
    class_max_age_days: {
      doc: 'The same by class, instead of max_age_days: {"patrol": 3, "alarm": 365}. Clips have the class that clip.start gave them; what is made of clips has the class cut or timelapse.',
      format: numbersByClass(0.01, 36_500),
      default: {},
    },
    max_gb: {
      doc: 'All clips together, and what was made of them, take at most so much (10^9 bytes); what was made more than an hour ago goes first, then the oldest unprotected clips. null: as much as the disk has.',
      format: numberOrNull(0.001, 1_000_000),
      default: null,
    },
    camera_max_gb: {
      doc: 'The clips of each camera, and what was made of them, take at most so much (10^9 bytes); null: no such limit.',
      format: numberOrNull(0.001, 1_000_000),
      default: null,
    },
    least_free_mb: {
      doc: 'So much of the disk stays free, and room for two minutes of each clip under way; the oldest unprotected clips go for it. Below an eighth of it nothing is recorded.',
      format: integer(1, 1_000_000),
      default: 256,
    },
  },
  jobs: {
    queue_length: {
      doc: 'Jobs (cuts, exports, timelapses) that may wait for their turn; more are answered busy, with a time to come back.',
      format: integer(1, 4096),
      default: 256,
    },
  },
  export: {
    to: {
      doc: 'Where clip.export hands clips over to, and nowhere else: a folder (ReadWritePaths= in the unit), or https://HOST/FOLDER/ of a server that takes PUT; empty for nowhere.',
      format: exportPlace,
      default: '',
    },
    recipients: {
      doc: 'Public keys of age (age1...): what clip.export hands over is sealed for them, and for those that it is asked for.',
      format: publicKeys,
      default: [],
    },
    ca: { doc: `Who signed the certificate of that server, PEM. ${CREDENTIAL}`, format: text, default: '' },
    cert: { doc: `Certificate that this box shows it, PEM. ${CREDENTIAL}`, format: text, default: '' },
    key: { doc: `Private key of that certificate, PEM. ${CREDENTIAL}`, format: text, default: '' },
    token_file: {
      doc: `File with the key that it is sent as Authorization: Bearer. ${CREDENTIAL}`,
      format: text,
      default: '',
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
    telemetry_mb: {
      doc: 'What telemetry.db in record.dir may take: a sample of the box every ten seconds, with rollups by minute and hour; the oldest go.',
      format: integer(1, 10_000),
      default: 32,
    },
    prometheus_file: {
      doc: "File for the newest sample in Prometheus' text format, e.g. for node_exporter's textfile collector; empty for none. Needs ReadWritePaths= in the unit.",
      format: text,
      default: '',
    },
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
