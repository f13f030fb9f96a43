import { Frame, type FrameFacts } from '../../frame/frame.ts';
import type { FrameArena } from '../../frame/frame-arena.ts';
import type { JpegLayout } from '../../jpeg/layout.ts';
import { walkJpeg } from '../../jpeg/walk.ts';
import type { EncodeDesk, EncodeOutcome, JpegEncoder } from './jpeg-encoder.ts';

/** Pictures that are being encoded at the same time: one a CPU core would do, and two keep it busy. */
export const MOST_IN_FLIGHT = 2;
/** One more picture waits, in its newest shape. */
export const DESKS_NEEDED = MOST_IN_FLIGHT + 1;

export type EncodeDrop =
  /** A newer picture came before this one's turn. */
  | 'encoder_busy'
  /** The frame arena had no room for the JPEG. */
  | 'arena_full'
  /** The encoder failed, or made something that is no JPEG. */
  | 'encode_failed';

type RawFacts = Omit<FrameFacts, 'jpeg'>;

interface Job {
  readonly desk: EncodeDesk;
  readonly facts: RawFacts;
  readonly out: Uint8Array;
  /** Once it is known. */
  outcome: JpegResult | undefined;
}

type JpegResult = { readonly length: number; readonly jpeg: JpegLayout } | { readonly fault: string };

export interface EncodeHandler {
  /** A frame is made; it is the handler's. In the order in which the pictures were offered. */
  frame(frame: Frame): void;
  drop(reason: EncodeDrop): void;
  /** Called after `drop`, each time: why the encoder failed, and how often in a row. */
  failed(fault: string, inARow: number): void;
}

/**
 * Between a camera's raw pictures and its frames: two are encoded at the same time, a third waits; a newer one takes its
 * place. Frames come out in order.
 *
 * What is encoded goes into memory of the queue first: an encoder wants room for the largest JPEG there can be, ten times
 * what it makes, and slots of that size, cut to length later, leave the frame arena in pieces in which none fits again.
 */
export class EncodeQueue implements AsyncDisposable {
  readonly #encoder: JpegEncoder;
  readonly #arena: FrameArena;
  readonly #handler: EncodeHandler;
  readonly #freeDesks: EncodeDesk[];
  /** Each for the largest JPEG there can be; made when one is needed, MOST_IN_FLIGHT at most. */
  readonly #freeOuts: Uint8Array[] = [];
  #waiting: { readonly desk: EncodeDesk; facts: RawFacts } | undefined;
  /** Oldest first; bounded by MOST_IN_FLIGHT. */
  readonly #inFlight: Job[] = [];
  #failedInARow = 0;
  #closing = false;
  readonly #idle = Promise.withResolvers<void>();

  /** The encoder has DESKS_NEEDED desks, and is disposed of by its owner after the queue. */
  constructor(encoder: JpegEncoder, arena: FrameArena, handler: EncodeHandler) {
    this.#encoder = encoder;
    this.#arena = arena;
    this.#handler = handler;
    this.#freeDesks = encoder.desks.slice(0, DESKS_NEEDED);
  }

  /** `raw` is a whole picture; it is read during the call only. */
  offer(raw: Uint8Array, facts: RawFacts): void {
    if (this.#closing) return;
    if (this.#waiting === undefined) {
      const desk = this.#freeDesks.pop();
      if (desk === undefined) throw new Error('the encoder has too few desks');
      this.#waiting = { desk, facts };
    } else {
      this.#handler.drop('encoder_busy');
      this.#waiting.facts = facts;
    }
    this.#waiting.desk.load(raw);
    this.#startNext();
  }

  #startNext(): void {
    if (this.#waiting === undefined || this.#inFlight.length === MOST_IN_FLIGHT) return;
    const { desk, facts } = this.#waiting;
    this.#waiting = undefined;
    // Uninitialised on purpose: pages become resident only where a JPEG reaches
    const out = this.#freeOuts.pop() ?? Buffer.allocUnsafeSlow(this.#encoder.maxJpegBytes);
    const job: Job = { desk, facts, out, outcome: undefined };
    this.#inFlight.push(job);
    void desk.encode(out).then((outcome) => this.#finish(job, outcome));
  }

  #finish(job: Job, outcome: EncodeOutcome): void {
    job.outcome = examine(job.out, outcome);
    this.#freeDesks.push(job.desk);
    while (this.#inFlight[0]?.outcome !== undefined) this.#settle(this.#inFlight.shift()!);
    this.#startNext();
    if (this.#closing && this.#inFlight.length === 0) this.#idle.resolve();
  }

  #settle({ out, facts, outcome }: Job): void {
    if (outcome === undefined || 'fault' in outcome) this.#fail(outcome?.fault ?? '');
    else this.#handOn(out.subarray(0, outcome.length), { ...facts, jpeg: outcome.jpeg });
    this.#freeOuts.push(out);
  }

  #fail(fault: string): void {
    this.#failedInARow += 1;
    this.#handler.drop('encode_failed');
    this.#handler.failed(fault, this.#failedInARow);
  }

  #handOn(bytes: Uint8Array, facts: FrameFacts): void {
    this.#failedInARow = 0;
    const slot = this.#arena.take(bytes.length);
    if (slot === undefined) {
      this.#handler.drop('arena_full');
      return;
    }
    slot.bytes.set(bytes);
    this.#handler.frame(new Frame(slot, bytes.length, facts));
  }

  /** Takes no more pictures, forgets the one that waits, and waits for those being encoded: their frames still come. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#waiting = undefined;
    if (this.#inFlight.length === 0) this.#idle.resolve();
    await this.#idle.promise;
  }
}

function examine(out: Uint8Array, outcome: EncodeOutcome): JpegResult {
  if (typeof outcome !== 'number') return outcome;
  const jpeg = walkJpeg(out.subarray(0, outcome));
  return typeof jpeg === 'string' ? { fault: `it made a JPEG that is none (${jpeg})` } : { length: outcome, jpeg };
}
