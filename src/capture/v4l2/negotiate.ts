import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { V4l2Device } from '../../v4l2/device.ts';
import { describeDeviceNodes } from '../../v4l2/device-nodes.ts';
import { type FormatSummary, summariseFormats } from '../../v4l2/discovery.ts';
import { type FrameSize, getFormat, listFormats, setFormat } from '../../v4l2/formats.ts';
import { getFrameRate, setFrameRate } from '../../v4l2/frame-rate.ts';

export interface Wanted {
  /** Undefined: as the camera stands. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly fps: number | undefined;
}

export interface Negotiated {
  readonly width: number;
  readonly height: number;
  /** Undefined when the driver does not tell. */
  readonly fps: number | undefined;
}

/** Pixel formats that are a JPEG a picture. UVC cameras say MJPG; a few drivers call the same thing JPEG. */
const JPEG_FORMATS = ['MJPG', 'JPEG'];
/** How many formats a remedy names: vivid has 83. */
const MOST_SHOWN = 8;

/**
 * Ask a camera for JPEG pictures of a size and rate, and take what it gives instead. Throws `unsupported` when it has
 * none, `device_busy` while another program streams.
 */
export async function negotiate(device: V4l2Device, wanted: Wanted, logger: Logger): Promise<Negotiated> {
  const fourcc = await chooseFormat(device);
  const current = await getFormat(device);
  const { width = current.width, height = current.height } = wanted;
  const format = await setFormat(device, { fourcc, width, height });
  if (!JPEG_FORMATS.includes(format.fourcc)) throw await noJpegError(device, format.fourcc);
  const fps = wanted.fps === undefined ? await getFrameRate(device) : await setFrameRate(device, wanted.fps);
  const given = { width: format.width, height: format.height, fps };
  const differs = given.width !== width || given.height !== height || (wanted.fps !== undefined && fps !== wanted.fps);
  if (differs) logger.warn('camera_gives_other_format', { wanted, given });
  return given;
}

async function chooseFormat(device: V4l2Device): Promise<string> {
  const { roles, streaming } = device.capabilities;
  if (!roles.includes('video_capture') || !streaming) {
    throw new CamboxError('unsupported', {
      verb: 'capture from',
      thing: device.path,
      reason: `it does not ${streaming ? 'capture video' : 'stream'}`,
      received: roles,
      remedy: await describeDeviceNodes(),
    });
  }
  const offered = (await listFormats(device)).map((format) => format.fourcc);
  const fourcc = JPEG_FORMATS.find((name) => offered.includes(name));
  if (fourcc === undefined) throw await noJpegError(device, undefined);
  return fourcc;
}

async function noJpegError(device: V4l2Device, received: string | undefined): Promise<CamboxError> {
  const formats = await summariseFormats(device);
  const shown = formats.slice(0, MOST_SHOWN).map(describeFormat).join('; ');
  const more = formats.length > MOST_SHOWN ? ` and ${formats.length - MOST_SHOWN} more` : '';
  return new CamboxError('unsupported', {
    verb: 'capture from',
    thing: `${device.path} (${device.capabilities.card})`,
    reason: 'it gives no MJPG pictures',
    received,
    remedy: `It offers: ${shown}${more}`,
  });
}

function describeFormat({ fourcc, sizes }: FormatSummary): string {
  return [fourcc, ...sizes.map(({ size }) => describeSize(size))].join(' ');
}

function describeSize(size: FrameSize): string {
  if (size.kind === 'discrete') return `${size.width}x${size.height}`;
  return `${size.minWidth}x${size.minHeight}..${size.maxWidth}x${size.maxHeight}`;
}
