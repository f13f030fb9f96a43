import type { CameraState, CameraWarning } from '../../base/camera-state.ts';
import { CamboxError } from '../../base/errors.ts';
import type { Position } from '../../base/position.ts';
import type { MonoUs } from '../../base/units.ts';
import type { Camera } from '../../config/config.ts';
import type { CameraControl, StreamControl } from '../../control/box.ts';
import type { ClipRequest, RecordingClip } from '../../record/clip/clip.ts';
import type { ClipFfmpeg } from '../../record/clip/clip-ffmpegs.ts';
import type { Recorder } from '../../record/recorder.ts';
import { type RtpTarget, TARGET_DEFAULTS } from '../../stream/rtp-target.ts';
import { CameraFlow, type FlowParts } from './camera-flow.ts';
import { configuredStream } from './configured-stream.ts';
import { LatestFrame } from './latest-frame.ts';
import { snapshotPicture, wallAt } from './snapshot-picture.ts';
import type { StreamSet } from './stream-set.ts';

export interface CameraParts extends FlowParts {
  readonly streams: StreamSet;
  readonly recorder: Recorder;
  /** Its pre-roll gives way to new frames until this is disposed of. */
  readonly reserve: Disposable;
  /** Told in its pictures. */
  readonly box: string;
  /** Where the box is now; undefined when nobody knows. */
  position(): Position | undefined;
  /** Called whenever the state changes. */
  onState(camera: CameraUnit): void;
  /** Called whenever the warnings change. */
  onWarnings(camera: CameraUnit): void;
  /** Called when another stage of its recovery begins. */
  onStage(camera: CameraUnit): void;
}

/** The daemon has three seconds to stop. */
const FINALISE_MS = 2500;

/** One camera of the box, as commands and health see it: its frames and what is done with them. */
export class CameraUnit implements CameraControl, AsyncDisposable {
  readonly id: string;
  readonly config: Camera;
  readonly #parts: CameraParts;
  readonly #latest: LatestFrame;
  readonly #flow: CameraFlow;
  readonly #stopping = new AbortController();
  readonly #verdict = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  constructor(config: Camera, parts: CameraParts) {
    this.id = config.id;
    this.config = config;
    this.#parts = parts;
    const { streams, recorder, clock } = parts;
    this.#latest = new LatestFrame(config.id, clock);
    this.#flow = new CameraFlow(config, { latest: this.#latest, streams, recorder }, parts, {
      onState: () => {
        parts.onState(this);
        this.#verdict.resolve();
      },
      onWarnings: () => parts.onWarnings(this),
      onStage: () => parts.onStage(this),
      onTrouble: () => recorder.sourceLost(),
    });
  }

  get state(): CameraState {
    return this.#flow.state;
  }

  get warnings(): readonly CameraWarning[] {
    return this.#flow.warnings;
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
    return this.#flow.about?.fps ?? this.config.fps;
  }

  /** When what is being done about it (opening it, a stage of its recovery) must be over. */
  get deadline(): MonoUs | undefined {
    return this.#flow.deadline;
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
    await this.#flow.run(this.#stopping.signal);
  }

  describe(): Readonly<Record<string, unknown>> {
    const { about, trouble, state } = this.#flow;
    return {
      id: this.id,
      state,
      warnings: this.warnings,
      source: this.config.source,
      ...(about && { width: about.width, height: about.height, fps: about.fps ?? null }),
      ...(about?.format && { format: about.format }),
      ...(about?.missed_controls && { missed_controls: about.missed_controls }),
      frames: this.frames,
      last_frame_ms: this.lastFrameMs ?? null,
      ...this.#flow.report(),
      rtp: this.#parts.streams.list().map((stream) => stream.report()),
      rtp_fit: this.#parts.streams.fit,
      latency: this.#parts.streams.latency,
      record: this.#parts.recorder.report(),
      ...(trouble && { error: { code: trouble.code, message: trouble.message } }),
    };
  }

  async snapshot(signal: AbortSignal): Promise<Uint8Array> {
    this.#demandPresent('take', 'a picture');
    using frame = await this.#latest.take(signal);
    const { box, clock } = this.#parts;
    const takenAt = wallAt(clock.wall(), clock.now() - frame.capturedAt);
    return snapshotPicture(frame, takenAt, { camera: this.id, box, position: this.#parts.position() });
  }

  async startClip(request: ClipRequest): Promise<RecordingClip> {
    this.#demandPresent('start', `clip ${request.id}`);
    return await this.#parts.recorder.start(request);
  }

  #demandPresent(verb: string, thing: string): void {
    const { state, trouble } = this.#flow;
    if (state === 'streaming' || state === 'starting' || state === 'recovering') return;
    throw new CamboxError('device_lost', {
      verb,
      thing,
      reason: `camera ${this.id} is ${state}: ${trouble?.message ?? 'no frames'}`,
      remedy: 'cambox devices lists what is connected.',
    });
  }

  clips(): readonly RecordingClip[] {
    return this.#parts.recorder.clips();
  }

  /** About the ffmpeg of its clips. */
  get ffmpegs(): readonly ClipFfmpeg[] {
    return this.#parts.recorder.ffmpegs();
  }

  get oomKills(): number {
    return this.#parts.recorder.oomKills;
  }

  streams(): readonly StreamControl[] {
    return this.#parts.streams.list();
  }

  startStream(target: Partial<RtpTarget> & Pick<RtpTarget, 'host' | 'port'>): Promise<StreamControl> {
    return this.#parts.streams.add({ ...TARGET_DEFAULTS, ...target });
  }

  /** Stops capture first, then finalises clips, then closes streams. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { logger, recorder, reserve, streams } = this.#parts;
    this.#stopping.abort();
    await this.#running;
    await recorder.close(FINALISE_MS);
    reserve[Symbol.dispose]();
    await streams[Symbol.asyncDispose]();
    this.#latest[Symbol.dispose]();
    logger.info('camera_stopped', { captured: this.frames, ...this.#flow.report() });
    this.#flow.stop();
  }
}
