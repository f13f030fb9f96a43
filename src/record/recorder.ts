import { resolve } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { asCamboxError, type CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type MonoUs, monoPlus, usFromMs } from '../base/units.ts';
import { within } from '../base/within.ts';
import type { Frame } from '../frame/frame.ts';
import { PreRollRing } from '../frame/pre-roll.ts';
import { Child } from './child/child.ts';
import type { ClipRequest, ClipResult, RecordingClip } from './clip/clip.ts';
import { type AdmittedClip, admitClip } from './clip/clip-admission.ts';
import { ClipFile } from './clip/clip-file.ts';
import { clipBeginning } from './clip/clip-metadata.ts';
import { beginningTags } from './clip/clip-metadata-file.ts';
import type { ClipOrder } from './clip/clip-order.ts';
import { alreadyRecording, shuttingDown, tooManyClips, tooSlowToStart } from './clip/clip-refusals.ts';
import { checkClipRequest } from './clip/clip-request.ts';
import { ClipTally } from './clip/clip-tally.ts';
import { continueClip } from './clip/continue-clip.ts';
import { Recording } from './clip/recording.ts';
import type { RecordingParts } from './clip/recording-parts.ts';
import { CameraEncoders } from './encoders/camera-encoders.ts';
import type { ChosenEncoder } from './encoders/encoder-advice.ts';
import { brokeOff, encoderFailure } from './encoders/encoder-failure.ts';
import { profileOf } from './encoders/encoder-order.ts';
import { shownSize } from './encoders/picture-fit.ts';
import { clipArguments } from './ffmpeg/ffmpeg-arguments.ts';
import type { FfmpegBuild } from './ffmpeg/ffmpeg-build.ts';
import { findFfmpeg, findFfprobe } from './ffmpeg/find-ffmpeg.ts';
import { ensureWritableDirectory } from './record-directory.ts';
import type { RecorderDeps, RecorderOptions } from './recorder-options.ts';

/** No camera of ours is faster; bounds the ring and the queues whatever the capture times say. */
const MAX_FPS = 120;
const QUEUE_BYTES = 8 * 1024 * 1024;
/** Two seconds at 60 frames a second. */
const QUEUE_FRAMES = 120;
const LOST_AFTER_MS = 10_000;
/** A disk that hangs must not keep a clip waiting for its ffmpeg, and a caller for the clip, for ever. */
const START_MS = 20_000;
const SHUTDOWN_MS = 10_000;
/** What fsync, ffprobe and rename need after ffmpeg was killed. */
const FINISH_MS = 2000;
/** Recordings share the processor as equals; what can wait weighs less. */
const CPU_WEIGHT = 100;

/**
 * The recorder of one camera: a pre-roll ring, and the clips under way, each with an ffmpeg of its own. Frames come in by
 * `onFrame` and are retained, never copied; nothing here makes the frame loop wait.
 */
export class Recorder implements AsyncDisposable {
  readonly camera: string;
  readonly ring: PreRollRing;
  readonly #options: Required<RecorderOptions>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #deps: RecorderDeps;
  readonly #encoders: CameraEncoders;
  readonly #recordings = new Map<string, Recording>();
  readonly #tally = new ClipTally();
  #build: FfmpegBuild | undefined;
  #closing: Promise<void> | undefined;

  constructor(camera: string, options: RecorderOptions, deps: RecorderDeps) {
    this.camera = camera;
    this.#options = { lostAfterMs: LOST_AFTER_MS, queueBytes: QUEUE_BYTES, ...options, dir: resolve(options.dir) };
    this.#clock = deps.clock;
    this.#logger = deps.logger.child({ camera });
    this.#deps = deps;
    this.#encoders = new CameraEncoders(options.encoding, deps.encoders);
    this.ring = new PreRollRing({
      maxMs: options.preRollMs,
      maxBytes: options.preRollBytes,
      maxFrames: Math.ceil((options.preRollMs / 1000) * MAX_FPS) + 1,
    });
  }

  /**
   * Look ahead for what would keep clips from being recorded: the programs, the directory. Logs and returns the
   * problems; none of them is final, `start` looks again.
   */
  async prepare(): Promise<readonly CamboxError[]> {
    const checks = [this.#findFfmpeg(), findFfprobe(this.#options.ffprobe), ensureWritableDirectory(this.#options.dir)];
    const problems: CamboxError[] = [];
    for (const check of await Promise.allSettled(checks)) {
      if (check.status === 'fulfilled') continue;
      const problem = asCamboxError(check.reason, 'prepare', `recording of ${this.camera}`);
      this.#logger.warn('recorder_not_ready', { code: problem.code, problem: problem.message });
      problems.push(problem);
    }
    return problems;
  }

  /** Every frame of the camera, in order. Never throws, never waits. The caller keeps its own reference. */
  onFrame(frame: Frame): void {
    if (this.#closing !== undefined) return;
    this.ring.push(frame);
    this.#encoders.onFrame(frame);
    for (const recording of this.#recordings.values()) recording.offer(frame);
  }

  /** The source broke and may come back: running clips note a gap, and end if it lasts. */
  sourceLost(): void {
    for (const recording of this.#recordings.values()) recording.sourceBroke();
  }

  /**
   * Record a clip from `request.preMs` before now on. Resolves when its ffmpeg runs; no frame from the call on is
   * missed. Where there is no room to encode it, it is stored as a copy. Throws `bad_argument`, `conflict` (the id is
   * taken), `resource_limit` (too many clips), `busy` (no memory), `missing_program`, `not_writable`, `child_failed`,
   * `timed_out`, `interrupted` (shutting down).
   */
  async start(request: ClipRequest): Promise<RecordingClip> {
    try {
      return await this.#start(request);
    } catch (thrown) {
      this.#tally.refuse();
      const failure = asCamboxError(thrown, 'start', `clip ${request.id}`);
      this.#logger.warn('clip_refused', { clip: request.id, code: failure.code, problem: failure.message });
      throw failure;
    }
  }

  /** The clips under way. */
  clips(): readonly RecordingClip[] {
    return [...this.#recordings.values()];
  }

  /** Plain JSON for the health report. */
  report(): Readonly<Record<string, unknown>> {
    const recordings = [...this.#recordings.values()];
    const { ring } = this;
    return {
      state: overallState(recordings),
      pre_roll: { frames: ring.frames, bytes: ring.bytes, span_ms: ring.spanMs, evicted: ring.evicted.toJSON() },
      clips: recordings.map((recording) => recording.report()),
      ...this.#tally.report(),
      ffmpeg: this.#build?.version ?? null,
      encoder: this.#encoders.report(),
    };
  }

  /**
   * End all clips as `shutdown`, and wait until their files are in place. What has not finished shortly before
   * `withinMs` have passed is killed, and keeps what it has written. Releases every frame.
   */
  close(withinMs: number): Promise<void> {
    this.#closing ??= this.#close(withinMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close(SHUTDOWN_MS);
  }

  async #close(withinMs: number): Promise<void> {
    const recordings = [...this.#recordings.values()];
    for (const recording of recordings) recording.stop('shutdown');
    this.ring[Symbol.dispose]();
    const cancelKill = this.#clock.after(Math.max(0, withinMs - FINISH_MS), () => {
      for (const recording of recordings) recording.kill();
    });
    await within(this.#clock, withinMs, Promise.all(recordings.map((recording) => recording.finished)));
    cancelKill();
    const unfinished = recordings.filter((recording) => recording.state.step !== 'finished');
    for (const { id } of unfinished) this.#logger.error('clip_unfinished', { clip: id, waited_ms: withinMs });
  }

  async #start(request: ClipRequest): Promise<RecordingClip> {
    checkClipRequest(request);
    this.#assertRoom(request);
    const triggeredAt = this.#clock.now();
    const from = monoPlus(triggeredAt, -usFromMs(request.preMs));
    const admitted = this.#admit(request, this.#encoders.choose(request.encoder));
    return await this.#begin(this.#open({ ...admitted, before: [], triggeredAt }, from));
  }

  #admit(request: ClipRequest, chosen: ChosenEncoder): AdmittedClip {
    return admitClip(this.#deps.live, request, chosen, this.#encoders.size ?? this.#options);
  }

  async #begin(recording: Recording): Promise<Recording> {
    const { request, chosen, lease } = recording.parts;
    try {
      recording.begin(await this.#spawnInTime(recording));
    } catch (thrown) {
      const failure = asCamboxError(thrown, 'start', `clip ${request.id}`);
      this.#recordings.delete(request.id);
      recording.abandon(failure);
      lease.end(undefined);
      throw failure;
    }
    const fields = { clip: request.id, encoder: chosen.encoder, encoder_reason: chosen.reason };
    this.#logger.info('clip_started', { ...fields, pre_roll_ms: request.preMs, cap_bytes: lease.capBytes });
    void recording.finished.then((result) => this.#onFinished(recording, result));
    return recording;
  }

  /** When an encoder fails while more is to come, what the ring holds and what follows goes into another clip. */
  #goOn(recording: Recording, result: ClipResult): string | undefined {
    endLease(recording); // its room is free for the clip that goes on
    const failure = encoderFailure(result, recording.memory?.killed);
    if (failure !== undefined) this.#encoders.failed(result.encoder, failure);
    if (!brokeOff(result, recording.endedAs) || this.#closing !== undefined) return undefined;
    const rest = continueClip(recording, result, this.#clock.now());
    if (rest === undefined) return undefined;
    try {
      const avoid = rest.before.map(({ encoder }) => encoder);
      const admitted = this.#admit(rest.request, this.#encoders.choose(rest.request.encoder, avoid));
      const next = this.#open({ ...rest, ...admitted }, rest.startsAt, rest.mostMs);
      this.#begin(next).catch((failed: CamboxError) => this.#onLost(next, failed));
      return next.id;
    } catch (failed) {
      this.#logger.warn('clip_refused', { clip: rest.request.id, problem: (failed as CamboxError).message });
      return undefined;
    }
  }

  /** A clip that goes on from another one was announced, and could not be started. */
  #onLost({ id, finished }: Recording, { code, message }: CamboxError): void {
    this.#logger.warn('clip_refused', { clip: id, code, problem: message });
    void finished.then((result) => this.#deps.onClip?.(result));
  }

  #assertRoom({ id }: ClipRequest): void {
    const running = this.#recordings.size;
    if (this.#closing !== undefined) throw shuttingDown(id);
    if (this.#recordings.has(id)) throw alreadyRecording(id);
    if (running >= this.#options.maxClips) throw tooManyClips(id, this.camera, running);
  }

  /** From here on the clip collects frames, whatever else has to be awaited. */
  #open(
    order: Omit<ClipOrder, 'camera' | 'triggeredWall'> & Pick<RecordingParts, 'lease'>,
    from: MonoUs,
    maxClipMs = this.#options.maxClipMs,
  ): Recording {
    const { dir, lostAfterMs, ffprobe, queueBytes } = this.#options;
    const { request } = order;
    const recording: Recording = new Recording(
      {
        ...order,
        camera: this.camera,
        triggeredWall: this.#clock.wall(),
        preRoll: this.ring.since(from),
        file: new ClipFile(dir, request.id, shownSize(order.chosen.job.size, profileOf(order.chosen.encoder).multiple)),
        limits: { frames: QUEUE_FRAMES, bytes: queueBytes },
        maxClipMs,
        lostAfterMs,
        ffprobe,
        goOn: (result) => this.#goOn(recording, result),
      },
      this.#clock,
      this.#logger.child({ clip: request.id }),
    );
    this.#recordings.set(request.id, recording);
    return recording;
  }

  async #spawnInTime(recording: Recording): Promise<Child> {
    const spawning = this.#spawn(recording);
    const child = await within(this.#clock, START_MS, spawning);
    if (child !== undefined) return child;
    const nobodyWaits = (): undefined => undefined;
    spawning.then((late) => late.kill('too late'), nobodyWaits);
    throw tooSlowToStart(recording.id, this.#options.dir, START_MS);
  }

  async #spawn({ parts, firstAt }: Recording): Promise<Child> {
    const { chosen, lease, file } = parts;
    const build = this.#build ?? (await this.#findFfmpeg());
    await ensureWritableDirectory(this.#options.dir);
    await file.assertNew();
    const tags = beginningTags(clipBeginning(parts, firstAt, this.#deps.origin));
    const args = clipArguments({ ...chosen, passthrough: build.passthrough, tags, output: file.partial });
    const place = await this.#deps.caps.place({ memoryBytes: lease.capBytes, cpuWeight: CPU_WEIGHT });
    try {
      return await Child.spawn(this.#options.ffmpeg, args, this.#clock, { place });
    } catch (failure) {
      this.#build = undefined; // it was there before: look again next time
      throw failure;
    }
  }

  async #findFfmpeg(): Promise<FfmpegBuild> {
    this.#build = await findFfmpeg(this.#options.ffmpeg);
    return this.#build;
  }

  #onFinished(recording: Recording, result: ClipResult): void {
    this.#recordings.delete(recording.id);
    this.#tally.add(result, recording.dropped);
    this.#deps.onClip?.(result);
  }
}

function endLease({ memory, parts }: Recording): void {
  parts.lease.end(memory && { heldBytes: memory.heldBytes, overCap: memory.killed === 'over_cap' });
}

function overallState(recordings: readonly Recording[]): 'idle' | 'recording' | 'finalising' {
  if (recordings.length === 0) return 'idle';
  return recordings.every((recording) => recording.state.step === 'ending') ? 'finalising' : 'recording';
}
