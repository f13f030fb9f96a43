import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import { Frame } from '../../frame/frame.ts';
import type { FrameArena, Slot } from '../../frame/frame-arena.ts';
import type { RecodeFault } from '../../jpeg/recode/faults.ts';
import { planRecode, type RecodePlan, type RecodeWish, recodeRooms } from '../../jpeg/recode/plan-recode.ts';
import { recodeJpeg } from '../../jpeg/recode/recode-jpeg.ts';
import { walkJpeg } from '../../jpeg/walk.ts';
import { RareWarning } from '../rare-warning.ts';
import { RecodeThread } from './recode-thread.ts';

export interface FitOptions extends RecodeWish {
  /** `recode`: pictures that RTP cannot carry are coded anew without loss; `refuse`: they are refused and counted. */
  readonly huffman: 'recode' | 'refuse';
  /** `loop`: never use a thread, and so never drop a frame because it is busy: for a process that does nothing else. */
  readonly place: 'auto' | 'loop';
}

/** Why a frame was lost on the way; the frame itself was damaged, or there was no time or room for it. */
export type FitDrop = RecodeFault | 'arena_full' | 'thread_busy' | 'thread_failed';

export interface FitDeps {
  readonly arena: FrameArena;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Re-coding that takes longer than this moves to a thread of its own: the event loop serves other cameras, too. */
const LOOP_BUDGET_US = 2000;
/** So often in a row; the first pictures are slow while the code is being compiled. */
const SLOW_IN_A_ROW = 10;
/** Frames at the thread; a further one is dropped, as the freshest are worth more than all. */
const MAX_AT_THREAD = 2;

/**
 * Stands before a camera's streams: hands on what RFC 2435 can carry as it is, and codes the rest anew without loss
 * (jpeg/recode), once for all receivers. Frames leave in their order. Pictures that cannot be coded anew either are
 * handed on too: each stream refuses and counts them by its own reasons.
 */
export class FrameFitter implements AsyncDisposable {
  readonly counts = { recoded: 0, dropped: new ReasonCounts<FitDrop>() };
  readonly #options: FitOptions;
  readonly #emit: (frame: Frame) => void;
  readonly #deps: FitDeps;
  readonly #warning: RareWarning;
  /** Frames at the thread, oldest first. */
  readonly #atThread: Frame[] = [];
  #thread: RecodeThread | undefined;
  #slowInARow = 0;

  /** `emit` takes each frame as it leaves, and retains it if it keeps it. */
  constructor(options: FitOptions, emit: (frame: Frame) => void, deps: FitDeps) {
    this.#options = options;
    this.#emit = emit;
    this.#deps = deps;
    this.#warning = new RareWarning('frames_not_recoded', deps);
  }

  /** Where the re-coding happens now: `none` was needed so far. */
  get place(): 'none' | 'loop' | 'thread' {
    if (this.#thread !== undefined) return 'thread';
    return this.counts.recoded > 0 ? 'loop' : 'none';
  }

  /** Never throws, never waits. */
  onFrame(frame: Frame): void {
    const plan = this.#options.huffman === 'refuse' ? 'not_needed' : planRecode(frame.jpeg, frame.bytes, this.#options);
    if (typeof plan === 'string') this.#passOn(frame);
    else if (this.#thread !== undefined || this.#isSlow()) this.#recodeInThread(frame, plan);
    else this.#recodeHere(frame, plan);
  }

  #isSlow(): boolean {
    return this.#options.place === 'auto' && this.#slowInARow >= SLOW_IN_A_ROW;
  }

  /** A camera that changes its coding may have a frame at the thread still: this one must not overtake it. */
  #passOn(frame: Frame): void {
    if (this.#atThread.length > 0) this.#drop('thread_busy');
    else this.#emit(frame);
  }

  #recodeHere(frame: Frame, plan: RecodePlan): void {
    const startedAt = this.#deps.clock.now();
    const made = this.#recodeInto(frame, plan);
    this.#slowInARow = this.#deps.clock.now() - startedAt > LOOP_BUDGET_US ? this.#slowInARow + 1 : 0;
    if (typeof made === 'string') this.#drop(made);
    else this.#emitRecoded(frame, made.slot, made.length);
  }

  #recodeInto(frame: Frame, plan: RecodePlan): { slot: Slot; length: number } | FitDrop {
    for (const roomBytes of recodeRooms(plan)) {
      const slot = this.#deps.arena.take(roomBytes);
      if (slot === undefined) return 'arena_full';
      const length = recodeJpeg(frame.bytes, frame.jpeg, plan, slot.bytes);
      if (typeof length === 'number') return { slot, length };
      slot.free();
      if (length !== 'output_full') return length;
    }
    return 'output_full';
  }

  #recodeInThread(frame: Frame, plan: RecodePlan): void {
    if (this.#atThread.length >= MAX_AT_THREAD) {
      this.#drop('thread_busy');
      return;
    }
    this.#thread ??= new RecodeThread();
    this.#atThread.push(frame.retain());
    this.#thread.recode(frame.bytes, frame.jpeg, plan, (result) => this.#onRecoded(frame, result));
  }

  #onRecoded(frame: Frame, result: Uint8Array | RecodeFault | 'thread_failed'): void {
    this.#atThread.splice(this.#atThread.indexOf(frame), 1);
    if (typeof result === 'string') this.#drop(result);
    else {
      const slot = this.#deps.arena.take(result.length);
      slot?.bytes.set(result);
      if (slot === undefined) this.#drop('arena_full');
      else this.#emitRecoded(frame, slot, result.length);
    }
    frame.release();
  }

  /** Takes over the slot. */
  #emitRecoded({ capturedAt, arrivedAt, sequence }: Frame, slot: Slot, length: number): void {
    const jpeg = walkJpeg(slot.bytes.subarray(0, length));
    if (typeof jpeg === 'string') {
      slot.free();
      throw new Error(`re-coding made a picture that is none: ${jpeg}`);
    }
    using recoded = new Frame(slot, length, { capturedAt, arrivedAt, sequence, jpeg });
    this.counts.recoded += 1;
    this.#emit(recoded);
  }

  #drop(reason: FitDrop): void {
    const isNew = this.counts.dropped.of(reason) === 0;
    this.counts.dropped.add(reason);
    this.#warning.note(isNew, () => ({ reason, dropped: this.counts.dropped }));
  }

  /** Waits for the thread to end; all frames are released when it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.[Symbol.asyncDispose]();
  }
}
