import type { Clock } from '../../base/clock.ts';
import { msFromUs } from '../../base/units.ts';
import type { MessageClass } from '../../catalog/state/spool-table.ts';
import type { OutMessage } from './broker-link.ts';
import { type Departing, Lane } from './lane.ts';
import type { Queued } from './out-queue.ts';
import type { Spool } from './spool.ts';

/** What is not acknowledged after so long is brought to the disk: a broker that is there costs no write. */
const SPOOL_AFTER_MS = 5000;
/** So many do not wait so long; while there is a broker, more of them, as they are soon gone. */
const MOST_IN_MEMORY = { away: 64, there: 500, bytes: 1024 * 1024 };

/** For the health report. */
export interface SpoolReport {
  /** Responses and events that wait for the broker, `stored` of them on the disk. */
  readonly depth: number;
  readonly stored: number;
  readonly oldest_s: number;
  /** Of those on the disk. */
  readonly bytes: number;
  /** Had to make room, by class. */
  readonly dropped: Readonly<Record<MessageClass, number>>;
  /** Came back from the disk other than they were written, and were not sent. */
  readonly damaged: number;
}

/**
 * Responses and events that wait for the broker or for its acknowledgement: in memory first, then in the spool, if there is one. Responses go
 * before events; within a class the oldest goes first.
 */
export class Backlog {
  readonly #clock: Clock;
  readonly #spool: Spool | undefined;
  readonly #lanes: Readonly<Record<MessageClass, Lane>>;
  /** There is a broker. */
  #isMoving = false;
  #cancelTimer: (() => void) | undefined;
  /** What is in memory is being handed to the spool. */
  #handing = false;
  /** The last write into the spool: whether the disk took it. */
  #stored: Promise<boolean> = Promise.resolve(true);

  constructor(clock: Clock, spool: Spool | undefined) {
    this.#clock = clock;
    this.#spool = spool;
    this.#lanes = { response: new Lane('response', spool), event: new Lane('event', spool) };
  }

  get length(): number {
    return this.#inMemory + (this.#spool?.size.rows ?? 0);
  }

  get report(): SpoolReport {
    const { rows, bytes } = this.#spool?.size ?? { rows: 0, bytes: 0 };
    const times = [this.#spool?.oldestMs, ...this.#each((lane) => lane.oldest?.sinceMs)].filter(
      (ms) => ms !== undefined,
    );
    const waited = times.length === 0 ? 0 : this.#clock.wall() - Math.min(...times);
    const { response, event } = this.#lanes;
    const dropped = (lane: Lane): number => lane.dropped + (this.#spool?.dropped.of(lane.kind) ?? 0);
    return {
      depth: this.#inMemory + rows,
      stored: rows,
      oldest_s: Math.max(0, Math.round(waited / 1000)), // the clock may have been set since
      bytes,
      dropped: { response: dropped(response), event: dropped(event) },
      damaged: this.#spool?.damaged ?? 0,
    };
  }

  /** @param isFinal whether it is worth a place on the disk */
  push(kind: MessageClass, message: OutMessage, isFinal: boolean): void {
    this.#lanes[kind].push({ kind, message, isFinal, sinceMs: this.#clock.wall(), at: this.#clock.now() });
  }

  next(): Departing | undefined {
    return this.#lanes.response.next() ?? this.#lanes.event.next();
  }

  /** The broker has it, or never wants it. */
  settle(departed: Departing): void {
    this.#lanes[departed.kind].settle(departed);
  }

  /** Another connection, or none: all that is not settled is sent again. */
  rewind(isMoving: boolean): void {
    this.#isMoving = isMoving;
    this.#each((lane) => lane.rewind());
  }

  /** To be called after something was pushed, and sent if it could be: what stays too long in memory goes to the disk. */
  watchMemory(): void {
    if (this.#spool === undefined || this.#inMemory === 0) return;
    if (this.#isMuch && !this.#handing && this.#spool.problem === undefined) void this.store();
    else this.#cancelTimer ??= this.#clock.after(SPOOL_AFTER_MS, () => this.#onTimer());
  }

  /** Bring what is in memory to the disk. Resolves to whether the disk took all that was worth it. */
  store(): Promise<boolean> {
    if (this.#spool === undefined || this.#inMemory === 0) return this.#stored;
    this.#handing = true;
    const collect = (): readonly Queued[] => this.#each(({ worthKeeping }) => worthKeeping).flat();
    const onTaken = (messages: readonly Queued[], keys: readonly number[]): void => {
      this.#handing = false;
      for (const [i, message] of messages.entries()) message.key = keys[i]!;
      this.#each((lane) => lane.spooled());
    };
    this.#stored = this.#spool.store(collect, onTaken).finally(() => {
      this.#handing = false;
      this.watchMemory();
    });
    return this.#stored;
  }

  /** The disk has what waits, and no longer what does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.store();
    await this.#spool?.settled();
    this.#cancelTimer?.();
  }

  #onTimer(): void {
    this.#cancelTimer = undefined;
    const now = this.#clock.now();
    const isOld = this.#each(({ oldest }) => oldest !== undefined && msFromUs(now - oldest.at) >= SPOOL_AFTER_MS);
    if (isOld.includes(true)) void this.store();
    else this.watchMemory();
  }

  get #inMemory(): number {
    return this.#lanes.response.length + this.#lanes.event.length;
  }

  get #isMuch(): boolean {
    const { response, event } = this.#lanes;
    const most = this.#isMoving ? MOST_IN_MEMORY.there : MOST_IN_MEMORY.away;
    return this.#inMemory >= most || response.bytes + event.bytes > MOST_IN_MEMORY.bytes;
  }

  #each<T>(work: (lane: Lane) => T): T[] {
    return [this.#lanes.response, this.#lanes.event].map(work);
  }
}
