import type { Logger } from '../../base/logger.ts';
import { ResourceStack } from '../../base/resource-stack.ts';
import { V4l2Device } from '../../v4l2/device.ts';
import { MmapStream } from '../../v4l2/streaming.ts';
import type { FrameSource, SourceAbout } from '../frame-source.ts';
import { DEFAULT_RAW, type RawOptions } from '../raw/encoder-choice.ts';
import { applyControls, type ControlValues } from './apply-controls.ts';
import { CameraSource, type CameraSourceDeps } from './camera-source.ts';
import { followSignal } from './follow-signal.ts';
import { negotiate } from './negotiate.ts';
import { openPictures, type PictureDeps } from './open-pictures.ts';
import { openSignalEvents, signalledStream } from './signalled-stream.ts';
import { type BufferTap, tappedStream } from './tapped-stream.ts';

export interface V4l2SourceOptions {
  /** A node or a link to it: /dev/video0, /dev/v4l/by-id/… */
  readonly path: string;
  /** What is wanted; the camera may give something near it. Undefined: as the camera stands. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly fps?: number | undefined;
  /** A fourcc; undefined: the best there is. */
  readonly format?: string | undefined;
  /** How raw pictures are read and encoded. */
  readonly raw?: RawOptions | undefined;
  readonly controls?: ControlValues | undefined;
  /** Buffers for the driver to fill. With fewer it drops pictures while our event loop is busy. */
  readonly buffers?: number | undefined;
  /** For `cambox probe`. */
  readonly tap?: BufferTap | undefined;
}

const DEFAULT_BUFFERS = 4;

/**
 * Open a camera and make it ready; it starts with the first frame asked for. Throws `not_found`, `unsupported` (no
 * camera, no pictures that can be sent), `device_busy` (another program streams), `not_permitted`, `device_lost`,
 * `device_failed`, `no_signal` (of a receiver); where its pictures are raw, `missing_library`.
 */
export async function openV4l2Source(
  options: V4l2SourceOptions,
  deps: CameraSourceDeps & PictureDeps,
): Promise<FrameSource> {
  const { path, width, height, fps, format = 'auto', raw = DEFAULT_RAW, controls = {}, tap } = options;
  const logger = deps.logger.child({ device: path });
  await using opening = new ResourceStack();
  const device = opening.use(await V4l2Device.open(path));
  const signal = await followSignal(device);
  const given = await negotiate(device, { format, width, height, fps, range: raw.range });
  const missed = await applyControls(device, controls, deps.clock, logger);
  const pictures = opening.use(await openPictures(given, raw, { ...deps, logger }));
  const events = signal && (await openSignalEvents(device, signal));
  if (events !== undefined) opening.use(events);
  const stream = opening.use(await MmapStream.open(device, options.buffers ?? DEFAULT_BUFFERS));
  const about: SourceAbout = {
    kind: 'v4l2',
    source: path,
    width: given.width,
    height: given.height,
    fps: given.fps ?? signal?.timings.fps,
    format: { pixel_format: given.fourcc, why: given.why, ...pictures.encoding },
    ...(missed.length > 0 && { missed_controls: missed }),
  };
  report(device, about, given.isAsWanted ? undefined : { width, height, fps }, logger);
  const queue = tap === undefined ? stream : tappedStream(stream, tap);
  const signalled = events === undefined ? queue : signalledStream(queue, events, path);
  return new CameraSource(about, signalled, { ...deps, logger }, opening.move(), pictures.openKind);
}

/** One line: what was chosen and why; a warning where that is not what was wanted, which is `missed`. */
function report(device: V4l2Device, about: SourceAbout, missed: object | undefined, logger: Logger): void {
  const { driver, card, bus } = device.capabilities;
  const { width, height, fps, format } = about;
  const opened = { driver, card, bus, width, height, fps, ...format };
  if (missed === undefined) logger.info('camera_opened', opened);
  else logger.warn('camera_opened', { ...opened, wanted: missed });
}
