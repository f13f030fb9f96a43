import { ResourceStack } from '../../base/resource-stack.ts';
import { V4l2Device } from '../../v4l2/device.ts';
import { MmapStream } from '../../v4l2/streaming.ts';
import type { FrameSource, SourceAbout } from '../frame-source.ts';
import { DEFAULT_RAW, EncoderChoice, type RawOptions } from '../raw/encoder-choice.ts';
import { openM2mEncoder } from '../raw/m2m/open-m2m-encoder.ts';
import { applyControls, type ControlValues } from './apply-controls.ts';
import { CameraSource, type CameraSourceDeps } from './camera-source.ts';
import { negotiate } from './negotiate.ts';
import type { LaterFrames } from './picture-kind.ts';
import { RawPictures } from './raw-pictures.ts';
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

export interface V4l2SourceDeps extends CameraSourceDeps {
  /** Chooses the encoder of raw pictures; shared by those who open the same camera again and again. */
  readonly jpegEncoders?: EncoderChoice | undefined;
}

const DEFAULT_BUFFERS = 4;

/**
 * Open a camera and make it ready; it starts with the first frame asked for. Throws `not_found`, `unsupported` (no
 * camera, no pictures that can be sent), `device_busy` (another program streams), `not_permitted`, `device_lost`,
 * `device_failed`; where its pictures are raw, `missing_library` and `resource_limit`.
 */
export async function openV4l2Source(options: V4l2SourceOptions, deps: V4l2SourceDeps): Promise<FrameSource> {
  const { path, width, height, fps, format = 'auto', raw: rawOptions = DEFAULT_RAW } = options;
  const { controls = {}, buffers = DEFAULT_BUFFERS, tap } = options;
  const logger = deps.logger.child({ device: path });
  await using opening = new ResourceStack();
  const device = opening.use(await V4l2Device.open(path));
  const wanted = { format, width, height, fps, range: rawOptions.range };
  const { raw, fourcc, why, isAsWanted, ...given } = await negotiate(device, wanted);
  await applyControls(device, controls, logger);
  const { arena, jpegEncoders = new EncoderChoice(openM2mEncoder) } = deps;
  const chosen = raw && (await jpegEncoders.open({ picture: raw, fps: given.fps, options: rawOptions, arena }));
  if (chosen !== undefined) opening.use(chosen.encoder);
  const stream = opening.use(await MmapStream.open(device, buffers));
  const queue = tap === undefined ? stream : tappedStream(stream, tap);
  const encoding = chosen && { encoder: chosen.encoder.name, encoder_why: chosen.why };
  const about: SourceAbout = {
    kind: 'v4l2',
    source: path,
    ...given,
    format: { pixel_format: fourcc, why, ...encoding },
  };
  const { driver, card, bus } = device.capabilities;
  const opened = { driver, card, bus, ...given, ...about.format };
  if (isAsWanted) logger.info('camera_opened', opened);
  else logger.warn('camera_opened', { ...opened, wanted: { width, height, fps } });
  if (raw?.colours.isExact === false) logger.warn('camera_colours_approximate', { ...raw.colours });
  const sourceDeps = { ...deps, logger };
  if (raw === undefined || chosen === undefined) return new CameraSource(about, queue, sourceDeps, opening.move());
  const openKind = (later: LaterFrames): RawPictures =>
    new RawPictures(raw.geometry.bytes, chosen.encoder, later, {
      ...sourceDeps,
      onBroken: (fault) => jpegEncoders.blame(chosen.encoder, fault),
    });
  return new CameraSource(about, queue, sourceDeps, opening.move(), openKind);
}
