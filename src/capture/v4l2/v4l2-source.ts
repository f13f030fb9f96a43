import { ResourceStack } from '../../base/resource-stack.ts';
import { V4l2Device } from '../../v4l2/device.ts';
import { MmapStream } from '../../v4l2/streaming.ts';
import type { FrameSource, SourceAbout } from '../frame-source.ts';
import { applyControls, type ControlValues } from './apply-controls.ts';
import { CameraSource, type CameraSourceDeps } from './camera-source.ts';
import { negotiate } from './negotiate.ts';

export interface V4l2SourceOptions {
  /** A node or a link to it: /dev/video0, /dev/v4l/by-id/… */
  readonly path: string;
  /** What is wanted; the camera may give something near it. Undefined: as the camera stands. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly fps?: number | undefined;
  readonly controls?: ControlValues | undefined;
  /** Buffers for the driver to fill. With fewer it drops pictures while our event loop is busy. */
  readonly buffers?: number | undefined;
}

const DEFAULT_BUFFERS = 4;

/**
 * Open a camera and make it ready; it starts with the first frame asked for. Throws `not_found`, `unsupported` (no
 * camera, no MJPG), `device_busy` (another program streams), `device_lost`, `device_failed`.
 */
export async function openV4l2Source(options: V4l2SourceOptions, deps: CameraSourceDeps): Promise<FrameSource> {
  const { path, width, height, fps, controls = {}, buffers = DEFAULT_BUFFERS } = options;
  const logger = deps.logger.child({ device: path });
  await using opening = new ResourceStack();
  const device = opening.use(await V4l2Device.open(path));
  const given = await negotiate(device, { width, height, fps }, logger);
  await applyControls(device, controls, logger);
  const stream = opening.use(await MmapStream.open(device, buffers));
  const about: SourceAbout = { kind: 'v4l2', source: path, ...given };
  const { driver, card, bus } = device.capabilities;
  logger.info('camera_opened', { driver, card, bus, ...given });
  return new CameraSource(about, stream, { ...deps, logger }, opening.move());
}
