import type { Clock } from '../../base/clock.ts';
import type { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { MonoUs } from '../../base/units.ts';
import { within } from '../../base/within.ts';
import type { Frame } from '../../frame/frame.ts';
import type { Child, ChildExit } from '../child/child.ts';
import type { MemoryUse } from '../memory/memory-caps.ts';
import type { ClipEnd, ClipResult, RecordingClip, WholeClipResult } from './clip.ts';
import { ClipFrames } from './clip-frames.ts';
import { clipResult } from './clip-result.ts';
import { isOfRow } from './clip-row.ts';
import { ClipSpan } from './clip-span.ts';
import { ClipSync } from './clip-sync.ts';
import { drainFeed } from './drain-feed.ts';
import type { Seen } from './gap-log.ts';
import { overdueEnd, STALLED_MS } from './overdue.ts';
import type { RecordingParts, RecordingState } from './recording-parts.ts';
import { failedClip, type SettledClip, settleClip } from './settle-clip.ts';

/** How often it is looked after, and what is written goes to the disk. */
const TICK_MS = 1000;
/** A disk that has not finished a file by then does not answer. */
const SETTLE_MS = 90_000;
/** An encoder that lets the queue run over for a second is given up; a card that hangs for a moment is no reason. */
const MOST_DROPPED = 30;

/**
 * One clip under way. Takes frames from the frame loop (`offer` never waits), feeds ffmpeg, and when it is over sees the
 * file into place. Made in state `starting`: `begin` gives it its ffmpeg, `abandon` ends it when there is none.
 */
export class Recording implements RecordingClip {
  readonly id: string;
  readonly camera: string;
  readonly finished: Promise<ClipResult>;
  readonly #parts: RecordingParts;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #frames: ClipFrames;
  readonly #span: ClipSpan;
  #extended = 0;
  #next: RecordingClip | undefined;
  readonly #asked = Promise.withResolvers<ClipEnd>();
  readonly #settled = Promise.withResolvers<ClipResult>();
  #state: RecordingState = { step: 'starting' };
  #endedAs: ClipEnd | undefined;
  #killed = false;
  #sourceLost = false;
  #arrivedAt: MonoUs;
  #fedAt: MonoUs;
  #fed = 0;
  #cancelTick: () => void = () => undefined;
  readonly #sync: ClipSync;
  /** What went wrong on our side, for the result's detail. */
  #problem: string | undefined;
  #memory: MemoryUse | undefined;

  constructor(parts: RecordingParts, clock: Clock, logger: Logger) {
    this.id = parts.request.id;
    this.camera = parts.camera;
    this.finished = this.#settled.promise;
    this.#parts = parts;
    this.#clock = clock;
    this.#logger = logger;
    this.#span = new ClipSpan(parts);
    this.#sync = new ClipSync(parts.file, this.#clock, (message) => {
      this.#problem = `the disk failed: ${message}`;
      this.#end('disk_failed');
    });
    this.#arrivedAt = parts.triggeredAt;
    this.#fedAt = parts.triggeredAt;
    this.#frames = new ClipFrames(parts.preRoll, parts.limits, parts.lastBefore);
  }

  get state(): RecordingState {
    return this.#state;
  }

  get frames(): number {
    return this.#frames.feed.written;
  }

  /** What its ffmpeg needed; undefined until it is gone. */
  get memory(): MemoryUse | undefined {
    return this.#memory;
  }

  get parts(): RecordingParts {
    return this.#parts;
  }

  /** Capture time of the first frame; undefined as long as there is none. */
  get firstAt(): MonoUs | undefined {
    return this.#frames.firstAt;
  }

  /** See ClipFrames. */
  lastBefore(time: MonoUs): Seen | undefined {
    return this.#frames.lastBefore(time);
  }

  /** Which frames are wanted. */
  get span(): ClipSpan {
    return this.#span;
  }

  get next(): RecordingClip | undefined {
    return this.#next;
  }

  /** Whether it takes frames still. */
  get isOpen(): boolean {
    return this.#state.step === 'starting' || this.#state.step === 'recording';
  }

  async whole(): Promise<WholeClipResult> {
    return (await this.#parts.whole.result()) ?? (await this.finished);
  }

  answersTo(id: string): boolean {
    return isOfRow(this.#parts.row, id);
  }

  /** As what it was told to end; undefined as long as it was not. */
  get endedAs(): ClipEnd | undefined {
    return this.#endedAs;
  }

  /** Called for every frame of the camera; what it keeps, it retains. Never throws, never waits. */
  offer(frame: Frame): void {
    if (!this.isOpen || frame.capturedAt < this.#span.startsAt) return;
    const droppedBefore = this.#frames.dropped;
    const fate = this.#frames.offer(frame);
    if (fate === 'closed' || fate === 'out_of_order') return;
    if (fate === 'other_size') {
      this.#problem = `the picture size changed to ${frame.width}x${frame.height}`;
      this.#end('camera_lost');
      return;
    }
    if (fate === 'dropped' && droppedBefore === 0) this.#logger.warn('clip_queue_full', this.#queueFigures());
    if (fate === 'dropped' && this.#isTooSlow) {
      this.#problem = `it is too slow: ${this.#frames.dropped} frames were dropped`;
      this.#end('ffmpeg_failed');
      return;
    }
    this.#arrivedAt = this.#clock.now();
    this.#sourceLost = false;
    if (frame.capturedAt >= this.#span.endsAt) this.#finishFile(frame.capturedAt);
  }

  /** The camera is gone; it may come back. */
  sourceBroke(): void {
    this.#sourceLost = true;
    this.#frames.sourceBroke();
  }

  /** ffmpeg runs: feed it. */
  begin(child: Child): void {
    this.#state = this.isOpen ? { step: 'recording', child } : { step: 'ending', child };
    this.#fedAt = this.#clock.now();
    this.#frames.feed.connect(child.stdin);
    if (this.isOpen) this.#scheduleTick();
    this.#settled.resolve(this.#run(child));
    if (this.#killed) this.kill();
  }

  /** There is no ffmpeg: let go of everything. */
  abandon(failure: CamboxError): void {
    this.#frames.feed.close();
    const result = this.#resultOf(failedClip('ffmpeg_failed', failure.message));
    this.#state = { step: 'finished', result };
    this.#settled.resolve(result);
  }

  /** It was triggered again: it ends so long from now at the earliest; undefined: not before it is stopped. */
  extend(durationMs: number | undefined): void {
    this.#span.extend(this.#clock.now(), durationMs);
    this.#extended += 1;
    this.#logger.info('clip_extended', { duration_ms: durationMs });
  }

  stop(end: ClipEnd): void {
    if (end !== 'stopped' || this.#span.stop(this.#clock.now())) this.#end(end);
  }

  #end(end: ClipEnd): void {
    if (!this.isOpen) return;
    this.#endTaking();
    this.#endedAs = end;
    this.#asked.resolve(end);
  }

  /** End ffmpeg at once; what it has written stays. */
  kill(): void {
    this.#killed = true;
    this.stop('shutdown');
    if (this.#state.step === 'ending') void this.#state.child?.kill('shutdown');
  }

  /** Plain JSON for the health report. */
  report(): Readonly<Record<string, unknown>> {
    return {
      clip: this.id,
      step: this.#state.step,
      encoder: this.#parts.chosen.encoder,
      frames: this.frames,
      duration_ms: this.#frames.spanMs,
      ...this.#queueFigures(),
      out_of_order_frames: this.#frames.outOfOrder,
    };
  }

  /** Another encoder may be faster; for a copy there is none. */
  get #isTooSlow(): boolean {
    return this.#parts.chosen.encoder !== 'copy' && this.#frames.dropped >= MOST_DROPPED;
  }

  /** `lastAt` was the last that belongs into this file. */
  #finishFile(lastAt: MonoUs): void {
    const { endsAs } = this.#span;
    if (endsAs === 'max_length') this.#next = this.#parts.nextFile(lastAt, this.#frames.lastSeen);
    this.#end(endsAs);
  }

  #endTaking(): void {
    this.#state = { step: 'ending', child: this.#state.step === 'recording' ? this.#state.child : undefined };
    this.#cancelTick();
  }

  #queueFigures() {
    const { feed, dropped } = this.#frames;
    return { queued_frames: feed.frames, queued_bytes: feed.bytes, dropped_frames: dropped };
  }

  #scheduleTick(): void {
    this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const { feed } = this.#frames;
    const now = this.#clock.now();
    if (feed.frames === 0 || feed.written !== this.#fed) this.#fedAt = now;
    this.#fed = feed.written;
    const end = overdueEnd({
      now,
      arrivedAt: this.#arrivedAt,
      endsAt: this.#span.endsAt,
      endsAs: this.#span.endsAs,
      sourceLost: this.#sourceLost,
      fedAt: this.#fedAt,
      lostAfterMs: this.#parts.lostAfterMs,
    });
    if (end === 'ffmpeg_failed') this.#problem = `ffmpeg took no frame for ${STALLED_MS / 1000} s`;
    if (end === this.#span.endsAs) this.#finishFile(this.#frames.lastSeen?.capturedAt ?? this.#span.startsAt);
    else if (end !== undefined) this.#end(end);
    else {
      this.#sync.begin();
      this.#scheduleTick();
    }
  }

  async #run(child: Child): Promise<ClipResult> {
    const asked = await Promise.race([this.#asked.promise, child.exited.then(() => undefined)]);
    if (this.isOpen) this.#endTaking();
    if (asked !== undefined && asked !== 'ffmpeg_failed') await drainFeed(this.#frames.feed, child, this.#clock);
    this.#frames.feed.close();
    // An encoder that was given up gets no time: what it has not stored yet, the clip that goes on stores.
    const exit = await (asked === 'ffmpeg_failed' ? child.kill(asked) : child.stop(asked ?? 'ended by itself'));
    this.#memory = exit.memory;
    return this.#finish(await this.#settle(asked, exit));
  }

  async #settle(asked: ClipEnd | undefined, exit: ChildExit): Promise<SettledClip> {
    const { file, ffprobe } = this.#parts;
    const settling = (async () => {
      await this.#sync.done();
      const outcome = { asked, exit, taken: this.#frames.taken };
      return await settleClip(file, outcome, ffprobe, (settled) => this.#resultOf(settled));
    })();
    const detail = `the disk did not answer; what was written stays in ${file.partial}`;
    return (await within(this.#clock, SETTLE_MS, settling)) ?? failedClip('disk_failed', detail);
  }

  #resultOf(settled: SettledClip, gapsUntilMs?: number): ClipResult {
    const notes = { problem: this.#problem, memory: this.#memory, extended: this.#extended, gapsUntilMs };
    return clipResult(this.#parts, this.#frames, settled, { ...notes, continuedBy: this.#next?.id });
  }

  #finish(settled: SettledClip): ClipResult {
    const brokenOff = this.#parts.goOn(this.#resultOf(settled));
    this.#next ??= brokenOff;
    const result = this.#resultOf(settled, brokenOff && settled.spanMs);
    this.#state = { step: 'finished', result };
    const { state, end, frames, duration_ms, bytes, path, detail, memory } = result;
    const fields = { state, end, frames, duration_ms, bytes, path, detail, memory, gaps: result.gaps.length };
    this.#logger[state === 'ready' ? 'info' : 'warn']('clip_finished', fields);
    return result;
  }
}
