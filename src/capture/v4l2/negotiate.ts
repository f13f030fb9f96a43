import { CamboxError } from '../../base/errors.ts';
import type { V4l2Device } from '../../v4l2/device.ts';
import { describeDeviceNodes } from '../../v4l2/device-nodes.ts';
import { type FormatSummary, summariseFormats } from '../../v4l2/discovery.ts';
import { type FrameSize, getFormat, listFormats, listFrameSizes, setFormat } from '../../v4l2/formats.ts';
import { getFrameRate, listFrameRates, setFrameRate } from '../../v4l2/frame-rate.ts';
import type { RangeSetting } from '../raw/colour-treatment.ts';
import { type RawPicture, rawPicture } from '../raw/raw-picture.ts';
import { JPEG_FOURCCS, SENDABLE_FOURCCS } from './choose-mode.ts';
import { isRate, nearestSize, type OfferedMode, type RankedMode, rankModes, type WantedMode } from './rank-modes.ts';

export interface Wanted {
  /** A fourcc, or `auto` for the best there is. */
  readonly format: string;
  /** Undefined: as the camera stands. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly fps: number | undefined;
  /** How raw pictures are to be read where the driver tells it wrong. */
  readonly range: RangeSetting;
}

export interface Negotiated {
  readonly fourcc: string;
  /** Why this format. */
  readonly why: string;
  readonly width: number;
  readonly height: number;
  /** Undefined when the driver does not tell. */
  readonly fps: number | undefined;
  /** Size and rate are what was asked for. */
  readonly isAsWanted: boolean;
  /** What has to be encoded; undefined where the camera gives JPEG. */
  readonly raw: RawPicture | undefined;
}

/** How many formats a remedy names: vivid has 83. */
const MOST_SHOWN = 8;

/**
 * Ask a camera for pictures of a size and rate, JPEG if it can be, and take what it gives instead (see rank-modes.ts). Throws
 * `unsupported` when it has nothing that can be sent, `device_busy` while another program streams.
 */
export async function negotiate(device: V4l2Device, wanted: Wanted): Promise<Negotiated> {
  await demandCapture(device);
  const current = await getFormat(device);
  const target = { ...wanted, width: wanted.width ?? current.width, height: wanted.height ?? current.height };
  const refusals: string[] = [];
  for (const mode of rankModes(await listModes(device, target), target)) {
    const tried = await tryMode(device, mode, wanted.range);
    if (typeof tried === 'string') {
      refusals.push(`${mode.fourcc} refused: ${tried}`);
      continue;
    }
    const fps = wanted.fps === undefined ? await getFrameRate(device) : await setFrameRate(device, wanted.fps);
    const isAsWanted = tried.width === target.width && tried.height === target.height && isRateWanted(fps, wanted.fps);
    return { ...tried, fourcc: mode.fourcc, why: [mode.why, ...refusals].join('; '), fps, isAsWanted };
  }
  throw await noFormatError(device, target.format, refusals);
}

/** A driver that does not tell is taken to do as it was told. */
const isRateWanted = (fps: number | undefined, wanted: number | undefined): boolean =>
  fps === undefined || wanted === undefined || isRate(fps, wanted);

async function demandCapture(device: V4l2Device): Promise<void> {
  const { roles, streaming } = device.capabilities;
  const isCamera = roles.includes('video_capture') || roles.includes('video_capture_mplane');
  if (isCamera && streaming) return;
  throw new CamboxError('unsupported', {
    verb: 'capture from',
    thing: device.path,
    reason: `it does not ${streaming ? 'capture video' : 'stream'}`,
    received: roles,
    remedy: await describeDeviceNodes(),
  });
}

/** The sizes, with their rates, of every format that we can send. */
async function listModes(device: V4l2Device, target: WantedMode): Promise<OfferedMode[]> {
  const offered = (await listFormats(device)).map(({ fourcc }) => fourcc);
  const modes: OfferedMode[] = [];
  for (const fourcc of SENDABLE_FOURCCS.filter((known) => offered.includes(known))) {
    for (const size of await sizesOf(device, fourcc, target)) {
      const { width, height } = nearestSize(size, target);
      const rates = await listFrameRates(device, fourcc, { width, height });
      modes.push({ fourcc, isJpeg: JPEG_FOURCCS.includes(fourcc), width, height, rates });
    }
  }
  return modes;
}

/** A driver that does not tell its sizes is simply asked for what is wanted. */
async function sizesOf(device: V4l2Device, fourcc: string, { width, height }: WantedMode): Promise<FrameSize[]> {
  const sizes = await listFrameSizes(device, fourcc);
  return sizes.length > 0 ? sizes : [{ kind: 'discrete', width, height }];
}

/** Set the format. Returns what the driver gives, or why it cannot be used. */
async function tryMode(
  device: V4l2Device,
  { fourcc, width, height, isJpeg }: RankedMode,
  range: RangeSetting,
): Promise<Pick<Negotiated, 'width' | 'height' | 'raw'> | string> {
  const format = await setFormat(device, { fourcc, width, height }).catch(refusalIn);
  if (typeof format === 'string') return format;
  if (format.fourcc !== fourcc) return `the driver gives ${format.fourcc}`;
  const raw = isJpeg ? undefined : rawPicture(format, range);
  return typeof raw === 'string' ? raw : { width: format.width, height: format.height, raw };
}

/** That the driver refuses a mode is an answer; that it is busy, gone or broken is not. */
function refusalIn(thrown: unknown): string {
  if (thrown instanceof CamboxError && thrown.code === 'unsupported') return thrown.message;
  throw thrown;
}

async function noFormatError(device: V4l2Device, format: string, refusals: readonly string[]): Promise<CamboxError> {
  const formats = await summariseFormats(device);
  const shown = formats.slice(0, MOST_SHOWN).map(describeFormat).join('; ');
  const more = formats.length > MOST_SHOWN ? ` and ${formats.length - MOST_SHOWN} more` : '';
  return new CamboxError('unsupported', {
    verb: 'capture from',
    thing: `${device.path} (${device.capabilities.card})`,
    reason: `it gives no pictures that can be sent${format === 'auto' ? '' : ` in the format ${format}`}`,
    received: refusals.length === 0 ? undefined : refusals,
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
