import type { Clock } from '../base/clock.ts';
import { msFromUs } from '../base/units.ts';
import type { Frame } from '../frame/frame.ts';
import type { PacketPlan } from '../rtp/packet-plan.ts';

/** Timers are no finer than this. */
const LEAST_STEP_MS = 1;
/** A longer pause between two bursts spares no receiver, it only delays the picture of a slow camera. */
const MAX_STEP_MS = 10;

type SendChunk = (frame: Frame, plan: PacketPlan, first: number, count: number) => void;

interface Unfinished {
  readonly frame: Frame;
  readonly plan: PacketPlan;
  readonly chunkPackets: number;
  readonly burstPackets: number;
  readonly stepMs: number;
  nextPacket: number;
  cancelTimer: () => void;
}

/** How a frame is to leave. */
export interface Pace {
  /** Packets of one system call. */
  readonly chunkPackets: number;
  /** Packets that may leave together, at least a chunk. */
  readonly burstPackets: number;
  /** The time from the first burst to when the last one would be over. */
  readonly spreadUs: number;
}

/**
 * Spreads a frame's packets over time, burst by burst, because hundreds of packets at once overflow the receive buffer
 * of a default socket and of small switches. The first burst leaves at once; all are of the same size, and as few as
 * possible, because each costs a wake-up. One frame at most is unfinished; it is retained until its last packet has left.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #sendChunk: SendChunk;
  #unfinished: Unfinished | undefined;

  constructor(clock: Clock, sendChunk: SendChunk) {
    this.#clock = clock;
    this.#sendChunk = sendChunk;
  }

  /** Send all packets of the plan. What was unfinished must have been flushed: the plan is one and the same. */
  send(frame: Frame, plan: PacketPlan, { chunkPackets, burstPackets, spreadUs }: Pace): void {
    const spreadMs = msFromUs(spreadUs);
    // Bursts that are closer together than timers are fine become larger.
    const bursts = Math.min(Math.ceil(plan.count / burstPackets), Math.floor(spreadMs / LEAST_STEP_MS));
    if (bursts <= 1) {
      this.#sendUpTo(plan.count, frame, plan, 0, chunkPackets);
      return;
    }
    const unfinished: Unfinished = {
      frame: frame.retain(),
      plan,
      chunkPackets,
      burstPackets: Math.ceil(plan.count / bursts),
      stepMs: Math.min(MAX_STEP_MS, spreadMs / bursts),
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
    this.#advance(unfinished, unfinished.nextPacket + unfinished.burstPackets);
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
