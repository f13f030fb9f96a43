import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import { ResourceStack } from '../../base/resource-stack.ts';
import type { Frame } from '../../frame/frame.ts';
import type { FrameArena } from '../../frame/frame-arena.ts';
import { V4l2Device } from '../../v4l2/device.ts';
import { MmapStream } from '../../v4l2/streaming.ts';
import type { CaptureDrop, FrameSource, SourceAbout, SourceCounts } from '../frame-source.ts';
import { applyControls, type ControlValues } from './apply-controls.ts';
import { JpegPictures } from './jpeg-pictures.ts';
import { LatestFrame } from './latest-frame.ts';
import { negotiate } from './negotiate.ts';
import { type Intake, PictureIntake } from './picture-intake.ts';
import { SilenceAlarm } from './silence-alarm.ts';

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

export interface V4l2SourceDeps {
  readonly arena: FrameArena;
  readonly clock: Clock;
  readonly logger: Logger;
}

const DEFAULT_BUFFERS = 4;
/** So long without a picture, and the camera has frozen. */
const SILENT_PERIODS = 5;
const SILENT_MIN_MS = 3000;

/**
 * Open a camera and make it ready; it starts with the first frame asked for. Throws `not_found`, `unsupported` (no
 * camera, no MJPG), `device_busy` (another program streams), `device_lost`, `device_failed`.
 */
export async function openV4l2Source(options: V4l2SourceOptions, deps: V4l2SourceDeps): Promise<FrameSource> {
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
  return new V4l2Source(about, stream, { ...deps, logger }, opening.move());
}

class V4l2Source implements FrameSource {
  readonly about: SourceAbout;
  readonly counts: SourceCounts = { captured: 0, gaps: 0, dropped: new ReasonCounts<CaptureDrop>() };
  readonly #stream: MmapStream;
  readonly #clock: Clock;
  readonly #closers: ResourceStack;
  readonly #intake: { take(): Intake };
  readonly #latest = new LatestFrame();
  #alarm: SilenceAlarm | undefined;
  #watch: Disposable | undefined;
  #iterated = false;
  #closed: Promise<void> | undefined;

  constructor(about: SourceAbout, stream: MmapStream, deps: V4l2SourceDeps, closers: ResourceStack) {
    this.about = about;
    this.#stream = stream;
    this.#clock = deps.clock;
    this.#closers = closers;
    this.#intake = new PictureIntake(stream, new JpegPictures(deps.arena), this.counts, deps);
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, undefined> {
    if (this.#iterated) {
      throw new CamboxError('conflict', { verb: 'read', thing: this.about.source, reason: 'it is being read already' });
    }
    this.#iterated = true;
    const close = (): void => this.#latest.close();
    if (signal.aborted) close();
    signal.addEventListener('abort', close, { once: true });
    try {
      if (!this.#latest.ended) await this.#stream.start();
      if (!this.#latest.ended) this.#listen(); // aborted or disposed of meanwhile: nothing left to listen to
      for (;;) {
        const frame = await this.#latest.take();
        if (frame === undefined) return;
        this.counts.captured += 1;
        yield frame;
      }
    } finally {
      signal.removeEventListener('abort', close);
      await this.#halt();
    }
  }

  /** The driver's queue is emptied when the kernel says so, not when the consumer asks: see LatestFrame. */
  #listen(): void {
    const periodMs = 1000 / (this.about.fps ?? Number.POSITIVE_INFINITY);
    const limitMs = Math.max(SILENT_MIN_MS, SILENT_PERIODS * periodMs);
    this.#alarm = new SilenceAlarm(limitMs, this.#clock, {
      lastChance: () => this.#takeIn(),
      ring: (silentMs) => this.#fail(this.#failure(`no frame for ${(silentMs / 1000).toFixed(1)} s`)),
    });
    this.#watch = this.#stream.watch({
      readable: () => this.#takeIn(),
      broke: (thrown) => {
        if (thrown !== undefined) return this.#fail(asCamboxError(thrown, 'capture from', this.about.source));
        this.#takeIn(); // the kernel tells that it broke; the device tells why
        this.#fail(this.#failure('the kernel reports an error on it'));
      },
    });
  }

  #takeIn(): void {
    const { frame, alive, fault } = this.#intake.take();
    if (alive) this.#alarm?.heard();
    if (frame !== undefined && !this.#latest.put(frame)) this.counts.dropped.add('stale');
    if (fault !== undefined) this.#fail(this.#stream.explain(fault));
  }

  #failure(reason: string): CamboxError {
    return new CamboxError('device_failed', { verb: 'capture from', thing: this.about.source, reason });
  }

  /** The first failure counts. The consumer meets it after the last good frame. */
  #fail(error: CamboxError): void {
    this.#stopListening();
    this.#latest.fail(error);
  }

  #stopListening(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#watch?.[Symbol.dispose]();
  }

  async #halt(): Promise<void> {
    this.#latest.close();
    this.#stopListening();
    await this.#stream.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#halt().then(() => this.#closers[Symbol.asyncDispose]());
    return this.#closed;
  }
}
