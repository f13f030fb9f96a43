import type { CameraState, CameraWarning } from '../../base/camera-state.ts';
import type { Clock } from '../../base/clock.ts';
import { CamboxError } from '../../base/errors.ts';
import { frameWaitMs } from '../../base/frame-wait.ts';
import type { Logger } from '../../base/logger.ts';
import type { MonoUs } from '../../base/units.ts';
import type { FrameSource, SourceAbout } from '../../capture/frame-source.ts';
import type { Camera } from '../../config/config.ts';
import type { Frame } from '../../frame/frame.ts';
import { type PictureFault, PictureWatch } from '../../health/pictures/picture-watch.ts';
import { type FrameSink, runPipeline, type Wings } from '../pipeline.ts';
import { CameraKeeper, type KeeperEvents } from '../recovery/camera-keeper.ts';
import { SETTLED_MS, type Stage, type Step } from '../recovery/ladder.ts';
import { RecoveryRecord } from '../recovery/recovery-record.ts';
import type { StageActions } from '../recovery/stage-work.ts';
import { CaptureTotals } from './capture-totals.ts';
import type { Hotplug } from './hotplug.ts';

export interface FlowParts {
  readonly openSource: () => Promise<FrameSource>;
  readonly stages: StageActions;
  readonly hotplug: Hotplug;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface FlowEvents {
  /** The state has changed. */
  onState(): void;
  /** What is odd about the pictures has changed. */
  onWarnings(): void;
  /** Another stage of recovery begins, in the same state. */
  onStage(): void;
  /** Frames stop, for whatever reason. */
  onTrouble(): void;
}

/** The frames of one camera, from its source into its wings: whether they flow, why not, and what is done about it. */
export class CameraFlow implements FrameSink, KeeperEvents {
  readonly #wings: Omit<Wings, 'watch'>;
  readonly #logger: Logger;
  readonly #events: FlowEvents;
  readonly #totals = new CaptureTotals();
  readonly #recovery: RecoveryRecord;
  readonly #keeper: CameraKeeper;
  readonly #pictures: PictureWatch;
  readonly #thing: string;
  /** Ends the frames of the source that is open. */
  #break: (error: CamboxError) => void = () => undefined;
  #about: SourceAbout | undefined;
  #state: CameraState = 'starting';
  #trouble: CamboxError | undefined;

  constructor(camera: Camera, wings: Omit<Wings, 'watch'>, parts: FlowParts, events: FlowEvents) {
    const { openSource, stages, logger } = parts;
    this.#wings = wings;
    this.#logger = logger;
    this.#events = events;
    const actions = {
      ...stages,
      openSource,
      runFrames: (source: FrameSource, signal: AbortSignal) => this.#runFrames(source, signal),
    };
    this.#thing = `camera ${camera.id}`;
    const waitMs = frameWaitMs(camera.fps);
    const frozenAfterMs = camera.frozen_after_s * 1000;
    // what shows only after a while must not be taken for a new fault each time
    const settledMs = Math.max(SETTLED_MS, 2 * frozenAfterMs);
    this.#recovery = new RecoveryRecord(settledMs, logger);
    this.#keeper = new CameraKeeper({ thing: this.#thing, frameWaitMs: waitMs, settledMs }, actions, this, parts);
    const limits = {
      frozenAfterMs,
      darkAfterMs: camera.dark_after_s * 1000,
      corruptAfterMs: waitMs,
      isFrozenFault: camera.frozen_recover,
    };
    this.#pictures = new PictureWatch(limits, () => this.#onWarnings());
  }

  get state(): CameraState {
    return this.#state;
  }

  /** Of the pictures that come, if any do. */
  get warnings(): readonly CameraWarning[] {
    return this.#state === 'streaming' ? this.#pictures.warnings : [];
  }

  /** Why they do not flow; undefined while they do. */
  get trouble(): CamboxError | undefined {
    return this.#trouble;
  }

  /** What the source delivers; undefined before it was opened for the first time. */
  get about(): SourceAbout | undefined {
    return this.#about;
  }

  /** When what is being done about it (opening it, a stage of its recovery) must be over. */
  get deadline(): MonoUs | undefined {
    return this.#keeper.deadline;
  }

  /** Resolves when there are no more frames, or the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#keeper.run(signal);
  }

  /** No frame will come any more. */
  stop(): void {
    this.#enter('stopped');
  }

  /** Plain JSON. */
  report(): Readonly<Record<string, unknown>> {
    const { reopened } = this.#totals;
    return { ...this.#totals.report(), reopened, pictures: this.#pictures.counts, recovery: this.#recovery.report() };
  }

  async #runFrames(source: FrameSource, signal: AbortSignal): Promise<void> {
    this.#about = source.about;
    this.#totals.begin(source.counts);
    this.#pictures.begin();
    const broken = new AbortController();
    this.#break = (error) => broken.abort(error);
    await runPipeline(source, { watch: this, ...this.#wings }, AbortSignal.any([signal, broken.signal]));
    if (broken.signal.aborted) throw broken.signal.reason;
  }

  onFrame(frame: Frame): void {
    this.#keeper.streams();
    if (this.#state !== 'streaming') this.#onStreaming();
    const fault = this.#pictures.look(frame);
    this.#recovery.picture(this.#pictures.warnings.length === 0, frame.arrivedAt);
    if (fault !== undefined) this.#break(this.#pictureError(fault));
  }

  #onStreaming(): void {
    this.#trouble = undefined;
    const after = this.#recovery.streams();
    this.#logger.info('camera_streaming', { ...this.#about, reopened: this.#totals.reopened, after });
    this.#enter('streaming');
  }

  #onWarnings(): void {
    const { warnings } = this.#pictures;
    if (warnings.length > 0) this.#logger.warn('camera_pictures_odd', { warnings });
    else this.#logger.info('camera_pictures_well');
    this.#events.onWarnings();
  }

  #pictureError(code: PictureFault): CamboxError {
    const reason = code === 'pictures_frozen' ? 'it gives one and the same picture' : 'its pictures cannot be decoded';
    return new CamboxError(code, { verb: 'use', thing: `the pictures of ${this.#thing}`, reason });
  }

  onUnavailable(why: 'absent' | 'blocked', error: CamboxError, waitMs: number): void {
    if (this.#state === 'streaming' || this.#trouble?.code !== error.code) {
      this.#logger.warn('camera_unavailable', { code: error.code, error: error.message, retry_ms: waitMs });
    }
    this.#recovery.idle();
    this.#enterTrouble(why === 'absent' ? 'lost' : 'failed', error);
  }

  onFaulty(error: CamboxError, step: Step): void {
    this.#recovery.faulty(error, step);
    const before = this.#state;
    this.#enterTrouble(this.#keeper.ladder.exhausted ? 'failed' : 'recovering', error);
    if (this.#state === before) this.#events.onStage();
  }

  onSkipped(stage: Stage, reason: string): void {
    this.#recovery.skipped(stage, reason);
  }

  onNotClosed(error: CamboxError): void {
    this.#logger.error('camera_not_closed', { code: error.code, error: error.message });
  }

  #enterTrouble(state: CameraState, error: CamboxError): void {
    this.#trouble = error;
    this.#events.onTrouble();
    this.#enter(state);
  }

  #enter(state: CameraState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#events.onState();
  }
}
