import { resolve } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { asCamboxError, type CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type MonoUs, monoPlus, msFromUs, usFromMs, wallMs } from '../base/units.ts';
import { within } from '../base/within.ts';
import type { Frame } from '../frame/frame.ts';
import { PreRollRing } from '../frame/pre-roll.ts';
import type { ClipRequest, ClipResult, RecordingClip } from './clip/clip.ts';
import { admitClip } from './clip/clip-admission.ts';
import { type ClipFfmpeg, ffmpegsOf } from './clip/clip-ffmpegs.ts';
import { ClipFile } from './clip/clip-file.ts';
import type { ClipOrder } from './clip/clip-order.ts';
import { alreadyRecording, shuttingDown, tooManyClips } from './clip/clip-refusals.ts';
import { checkClipRequest } from './clip/clip-request.ts';
import { firstInRow } from './clip/clip-row.ts';
import { ClipStarter } from './clip/clip-starter.ts';
import { ClipTally } from './clip/clip-tally.ts';
import type { Seen } from './clip/gap-log.ts';
import { Recording } from './clip/recording.ts';
import type { RecordingParts } from './clip/recording-parts.ts';
import { WholeClip } from './clip/whole-clip.ts';
import { Continuations } from './continuations.ts';
import { CameraEncoders } from './encoders/camera-encoders.ts';
import { profileOf } from './encoders/encoder-order.ts';
import { shownSize } from './encoders/picture-fit.ts';
import { findFfprobe } from './ffmpeg/find-ffmpeg.ts';
import { ensureWritableDirectory } from './record-directory.ts';
import type { RecorderDeps, RecorderOptions } from './recorder-options.ts';

/** No camera of ours is faster; bounds the ring and the queues whatever the capture times say. */
const MAX_FPS = 120;
const QUEUE_BYTES = 8 * 1024 * 1024;
/** Two seconds at 60 frames a second. */
const QUEUE_FRAMES = 120;
const LOST_AFTER_MS = 10_000;
const SHUTDOWN_MS = 10_000;
/** What fsync, ffprobe and rename need after ffmpeg was killed. */
const FINISH_MS = 2000;

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
  readonly #continuations: Continuations;
  readonly #starter: ClipStarter;
  readonly #tally = new ClipTally();
  #closing: Promise<void> | undefined;

  constructor(camera: string, options: RecorderOptions, deps: RecorderDeps) {
    this.camera = camera;
    this.#options = { lostAfterMs: LOST_AFTER_MS, queueBytes: QUEUE_BYTES, ...options, dir: resolve(options.dir) };
    this.#clock = deps.clock;
    this.#logger = deps.logger.child({ camera });
    this.#deps = deps;
    this.#starter = new ClipStarter({ ...this.#options, ...deps });
    this.#encoders = new CameraEncoders(options.encoding, deps.encoders);
    this.ring = new PreRollRing({
      maxMs: options.preRollMs,
      maxBytes: options.preRollBytes,
      maxFrames: Math.ceil((options.preRollMs / 1000) * MAX_FPS) + 1,
    });
    this.#continuations = new Continuations({
      ...{ camera, ring: this.ring, encoders: this.#encoders, live: deps.live },
      ...{ clock: deps.clock, logger: this.#logger },
      size: () => this.#encoders.size ?? this.#options,
      noRoom: () => deps.noRoom?.(),
      open: (order, lastBefore) => this.#open(order, order.startsAt, lastBefore),
      begin: (recording) => this.#begin(recording),
      forget: ({ id }) => this.#recordings.delete(id),
      tell: (result) => this.#tell(result),
    });
  }

  /**
   * Look ahead for what would keep clips from being recorded: the programs, the directory. Logs and returns the
   * problems; none of them is final, `start` looks again.
   */
  async prepare(): Promise<readonly CamboxError[]> {
    const checks = [
      this.#starter.findFfmpeg(),
      findFfprobe(this.#options.ffprobe),
      ensureWritableDirectory(this.#options.dir),
    ];
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
    return [...this.#recordings.values(), ...this.#continuations.waiting];
  }

  /** What the ffmpeg of each clip needs, of those that run. */
  ffmpegs(): readonly ClipFfmpeg[] {
    return ffmpegsOf([...this.#recordings.values()]);
  }

  /** How often since the start an ffmpeg was killed for its memory. */
  get oomKills(): number {
    return this.#tally.oomKills;
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
      ffmpeg: this.#starter.build?.version ?? null,
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
    const clips = [...recordings, ...this.#continuations.nextFiles];
    for (const clip of clips) clip.stop('shutdown');
    this.ring[Symbol.dispose]();
    const cancelKill = this.#clock.after(Math.max(0, withinMs - FINISH_MS), () => {
      for (const recording of recordings) recording.kill();
    });
    await within(this.#clock, withinMs, Promise.all(clips.map(({ finished }) => finished)));
    cancelKill();
    const unfinished = recordings.filter((recording) => recording.state.step !== 'finished');
    for (const { id } of unfinished) this.#logger.error('clip_unfinished', { clip: id, waited_ms: withinMs });
  }

  async #start(request: ClipRequest): Promise<RecordingClip> {
    checkClipRequest(request);
    const running = request.extend === true ? this.#openClipLike(request) : undefined;
    if (running !== undefined) {
      running.extend(request.durationMs);
      return running;
    }
    this.#assertRoom(request);
    const triggeredAt = this.#clock.now();
    const from = monoPlus(triggeredAt, -usFromMs(request.preMs));
    const chosen = this.#encoders.choose(request.encoder);
    const admitted = admitClip(this.#deps.live, request, chosen, this.#encoders.size ?? this.#options);
    const whole = new WholeClip();
    const order = { ...admitted, row: firstInRow(request.id), triggeredAt, isStopped: false, whole };
    const opened = this.#open(order, from);
    whole.add(opened.finished);
    const recording = await this.#begin(opened);
    void recording.finished.then((result) => {
      this.#recordings.delete(request.id);
      this.#tell(result);
    });
    return recording;
  }

  /** The newest one of this label and class. */
  #openClipLike({ label, class: ofClass }: ClipRequest): Recording | undefined {
    return [...this.#recordings.values()].findLast(
      ({ isOpen, parts: { request } }) => isOpen && request.label === label && request.class === ofClass,
    );
  }

  async #begin(recording: Recording): Promise<Recording> {
    const { request, chosen, lease } = recording.parts;
    try {
      recording.begin(await this.#starter.start(recording));
    } catch (thrown) {
      const failure = asCamboxError(thrown, 'start', `clip ${request.id}`);
      this.#recordings.delete(request.id);
      recording.abandon(failure);
      lease.end(undefined);
      throw failure;
    }
    const fields = { clip: request.id, encoder: chosen.encoder, encoder_reason: chosen.reason };
    this.#logger.info('clip_started', { ...fields, pre_roll_ms: request.preMs, cap_bytes: lease.capBytes });
    return recording;
  }

  #goOn(recording: Recording, result: ClipResult): Recording | undefined {
    endLease(recording); // its room is free for the clip that goes on
    return this.#continuations.goOn(recording, result, this.#closing === undefined);
  }

  #assertRoom({ id }: ClipRequest): void {
    const running = this.#recordings.size;
    if (this.#closing !== undefined) throw shuttingDown(id);
    const full = this.#deps.noRoom?.();
    if (full !== undefined) throw full;
    if (this.#recordings.has(id)) throw alreadyRecording(id);
    if (running >= this.#options.maxClips) throw tooManyClips(id, this.camera, running);
  }

  /** From here on the clip collects frames, whatever else has to be awaited. */
  #open(
    order: Omit<ClipOrder, 'camera' | 'triggeredWall'> & Pick<RecordingParts, 'lease' | 'isStopped' | 'whole'>,
    from: MonoUs,
    lastBefore?: Seen,
  ): Recording {
    const { dir, lostAfterMs, ffprobe, queueBytes, maxClipMs } = this.#options;
    const { request } = order;
    const recording: Recording = new Recording(
      {
        ...order,
        camera: this.camera,
        triggeredWall: wallMs(this.#clock.wall() - msFromUs(this.#clock.now() - order.triggeredAt)),
        lastBefore,
        preRoll: this.ring.since(from),
        file: new ClipFile(dir, request.id, shownSize(order.chosen.job.size, profileOf(order.chosen.encoder).multiple)),
        limits: { frames: QUEUE_FRAMES, bytes: queueBytes },
        maxClipMs,
        lostAfterMs,
        ffprobe,
        nextFile: (lastFrameAt, lastSeen) => this.#continuations.nextFile(recording, lastFrameAt, lastSeen),
        goOn: (result) => this.#goOn(recording, result),
      },
      this.#clock,
      this.#logger.child({ clip: request.id }),
    );
    this.#recordings.set(request.id, recording);
    return recording;
  }

  #tell(result: ClipResult): void {
    this.#tally.add(result);
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
