import { Backoff } from '../base/backoff.ts';
import type { CameraState, CameraWarning } from '../base/camera-state.ts';
import type { Clock } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { FrameSource } from '../capture/frame-source.ts';
import type { Camera } from '../config/config.ts';
import type { CameraControl, StreamControl } from '../control/box.ts';
import type { Frame } from '../frame/frame.ts';
import { completeJpeg } from '../jpeg/dht-injection.ts';
import type { ClipRequest, ClipResult, RecordingClip } from '../record/clip.ts';
import type { Recorder } from '../record/recorder.ts';
import { type RtpTarget, TARGET_DEFAULTS } from '../stream/rtp-target.ts';
import { configuredStream } from './configured-stream.ts';
import { LatestFrame } from './latest-frame.ts';
import { runPipeline } from './pipeline.ts';
import type { StreamSet } from './stream-set.ts';
import { type Hotplug, supervise } from './supervisor.ts';

/** A camera that was plugged in again is picked up at once, and within two seconds where nothing tells of it. */
const REOPEN = { firstMs: 250, maxMs: 2000 };

export interface CameraParts {
  readonly openSource: () => Promise<FrameSource>;
  readonly streams: StreamSet;
  readonly recorder: Recorder;
  readonly hotplug: Hotplug;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called whenever the state changes. */
  onState(camera: CameraUnit): void;
  /** Called once for each clip, when its file is in place or given up. */
  onClip(result: ClipResult): void;
}

/** The daemon has three seconds to stop. */
const FINALISE_MS = 2500;

/** One camera of the box: keeps its source open, its frames flowing and its wings together. */
export class CameraUnit implements CameraControl, AsyncDisposable {
  readonly id: string;
  readonly config: Camera;
  readonly #parts: CameraParts;
  readonly #latest: LatestFrame;
  readonly #stopping = new AbortController();
  readonly #verdict = Promise.withResolvers<void>();
  readonly #backoff = new Backoff(REOPEN);
  #running: Promise<void> | undefined;
  #source: FrameSource | undefined;
  #state: CameraState = 'starting';
  #trouble: CamboxError | undefined;
  #reopened = 0;

  constructor(config: Camera, parts: CameraParts) {
    this.id = config.id;
    this.config = config;
    this.#parts = parts;
    this.#latest = new LatestFrame(config.id, parts.clock);
  }

  get state(): CameraState {
    return this.#state;
  }

  get warnings(): readonly CameraWarning[] {
    return [];
  }

  /** Frames seen since the start, over all reopenings. */
  get frames(): number {
    return this.#latest.count;
  }

  /** Age of the newest frame; undefined before the first. */
  get lastFrameMs(): number | undefined {
    return this.#latest.ageMs;
  }

  get fps(): number {
    return this.#source?.about.fps ?? this.config.fps;
  }

  /** Settles with the first frame or the first failure: capture has a verdict. */
  get verdict(): Promise<void> {
    return this.#verdict.promise;
  }

  start(): void {
    void this.#parts.recorder.prepare(); // says what would keep clips from being recorded; streaming goes on without
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    await this.#parts.streams.begin(this.config.rtp.map(configuredStream)); // so that the first frame is sent, too
    await supervise(() => this.#runOnce(), {
      thing: `camera ${this.id}`,
      backoff: this.#backoff,
      clock: this.#parts.clock,
      signal: this.#stopping.signal,
      hotplug: this.#parts.hotplug,
      onFailure: (error, waitMs) => this.#fail(error, waitMs),
    });
  }

  async #runOnce(): Promise<void> {
    await using source = await this.#parts.openSource();
    this.#source = source;
    const latest = { onFrame: (frame: Frame) => this.#onFrame(frame) };
    const { streams, recorder } = this.#parts;
    await runPipeline(source, { latest, streams: streams, recorder }, this.#stopping.signal);
  }

  #onFrame(frame: Frame): void {
    this.#latest.onFrame(frame);
    if (this.#state === 'streaming') return;
    this.#backoff.reset();
    this.#trouble = undefined;
    this.#parts.logger.info('camera_streaming', { ...this.#source?.about, reopened: this.#reopened });
    this.#enter('streaming');
  }

  #fail(error: CamboxError, waitMs: number): void {
    const gone = error.code === 'device_lost' || error.code === 'not_found';
    const wasStreaming = this.#state === 'streaming';
    this.#reopened += wasStreaming ? 1 : 0;
    if (wasStreaming || this.#trouble?.code !== error.code) {
      this.#parts.logger.warn('camera_unavailable', { code: error.code, error: error.message, retry_ms: waitMs });
    }
    this.#trouble = error;
    this.#parts.recorder.sourceLost();
    this.#enter(gone ? 'lost' : 'failed');
  }

  #enter(state: CameraState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#parts.onState(this);
    this.#verdict.resolve();
  }

  describe(): Readonly<Record<string, unknown>> {
    const about = this.#source?.about;
    const counts = this.#source?.counts;
    return {
      id: this.id,
      state: this.#state,
      source: this.config.source,
      ...(about && { width: about.width, height: about.height, fps: about.fps ?? null }),
      ...(about?.format && { format: about.format }),
      frames: this.frames,
      last_frame_ms: this.lastFrameMs ?? null,
      gaps: counts?.gaps ?? 0,
      dropped: counts?.dropped ?? {},
      reopened: this.#reopened,
      rtp: this.#parts.streams.list().map((stream) => stream.report()),
      rtp_fit: this.#parts.streams.fit,
      record: this.#parts.recorder.report(),
      ...(this.#trouble && { error: { code: this.#trouble.code, message: this.#trouble.message } }),
    };
  }

  async snapshot(signal: AbortSignal): Promise<Uint8Array> {
    this.#demandPresent('take', 'a picture');
    using frame = await this.#latest.take(signal);
    return completeJpeg(frame.bytes, frame.jpeg).slice();
  }

  async startClip(request: ClipRequest): Promise<RecordingClip> {
    this.#demandPresent('start', `clip ${request.id}`);
    const clip = await this.#parts.recorder.start(request);
    void clip.finished.then((result) => this.#parts.onClip(result));
    return clip;
  }

  #demandPresent(verb: string, thing: string): void {
    if (this.#state === 'streaming' || this.#state === 'starting') return;
    throw new CamboxError('device_lost', {
      verb,
      thing,
      reason: `camera ${this.id} is ${this.#state}: ${this.#trouble?.message ?? 'no frames'}`,
      remedy: 'cambox devices lists what is connected.',
    });
  }

  clips(): readonly RecordingClip[] {
    return this.#parts.recorder.clips();
  }

  streams(): readonly StreamControl[] {
    return this.#parts.streams.list();
  }

  startStream(target: Partial<RtpTarget> & Pick<RtpTarget, 'host' | 'port'>): Promise<StreamControl> {
    return this.#parts.streams.add({ ...TARGET_DEFAULTS, ...target });
  }

  /** Stops capture first, then finalises clips, then closes streams. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { logger, recorder, streams } = this.#parts;
    this.#stopping.abort();
    await this.#running;
    await recorder.close(FINALISE_MS);
    await streams[Symbol.asyncDispose]();
    this.#latest[Symbol.dispose]();
    logger.info('camera_stopped', { captured: this.frames, gaps: this.#source?.counts.gaps ?? 0 });
    this.#enter('stopped');
  }
}
