import type { Clock } from '../base/clock.ts';
import { msFromUs } from '../base/units.ts';
import type { Frame } from '../frame/frame.ts';
import type { PacketPlan } from '../rtp/packet-plan.ts';

/** Timers are no finer than this. */
const LEAST_STEP_MS = 1;
/** A longer pause between two chunks spares no receiver, it only delays the picture of a slow camera. */
const MAX_STEP_MS = 10;

type SendChunk = (frame: Frame, plan: PacketPlan, first: number, count: number) => void;

interface Unfinished {
  readonly frame: Frame;
  readonly plan: PacketPlan;
  readonly chunkPackets: number;
  readonly stepPackets: number;
  readonly stepMs: number;
  nextPacket: number;
  cancelTimer: () => void;
}

/**
 * Spreads a frame's packets over time, chunk by chunk, because a burst of hundreds of packets overflows the receive
 * buffer of a default socket and of small switches. The first chunk leaves at once. One frame at most is unfinished; it
 * is retained until its last chunk has left.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #sendChunk: SendChunk;
  #unfinished: Unfinished | undefined;

  constructor(clock: Clock, sendChunk: SendChunk) {
    this.#clock = clock;
    this.#sendChunk = sendChunk;
  }

  /**
   * Send all packets of the plan in chunks of `chunkPackets`, spread over about `spreadUs`. What was unfinished must have
   * been flushed: the plan is one and the same.
   */
  send(frame: Frame, plan: PacketPlan, chunkPackets: number, spreadUs: number): void {
    const chunks = Math.ceil(plan.count / chunkPackets);
    const spreadMs = msFromUs(spreadUs);
    if (chunks === 1 || spreadMs < LEAST_STEP_MS) {
      this.#sendUpTo(plan.count, frame, plan, 0, chunkPackets);
      return;
    }
    const gapMs = spreadMs / chunks;
    const stepChunks = Math.max(1, Math.ceil(LEAST_STEP_MS / gapMs));
    const unfinished: Unfinished = {
      frame: frame.retain(),
      plan,
      chunkPackets,
      stepPackets: stepChunks * chunkPackets,
      stepMs: Math.min(MAX_STEP_MS, gapMs * stepChunks),
      nextPacket: 0,
      cancelTimer: () => undefined,
    };
    this.#unfinished = unfinished;
    this.#step(unfinished);
  }

  /** Send what is left of the unfinished frame now. */
  flush(): void {
    const unfinished = this.#unfinished;
    if (unfinished === undefined) return;
    unfinished.cancelTimer();
    this.#advance(unfinished, unfinished.plan.count);
  }

  #step(unfinished: Unfinished): void {
    this.#advance(unfinished, unfinished.nextPacket + unfinished.stepPackets);
    if (this.#unfinished !== unfinished) return;
    unfinished.cancelTimer = this.#clock.after(unfinished.stepMs, () => this.#step(unfinished));
  }

  #advance(unfinished: Unfinished, upTo: number): void {
    const { frame, plan, chunkPackets, nextPacket } = unfinished;
    unfinished.nextPacket = Math.min(plan.count, upTo);
    this.#sendUpTo(unfinished.nextPacket, frame, plan, nextPacket, chunkPackets);
    if (unfinished.nextPacket < plan.count) return;
    this.#unfinished = undefined;
    frame.release();
  }

  #sendUpTo(end: number, frame: Frame, plan: PacketPlan, from: number, chunkPackets: number): void {
    for (let first = from; first < end; first += chunkPackets) {
      this.#sendChunk(frame, plan, first, Math.min(chunkPackets, end - first));
    }
  }
}
