import type { MessageClass } from '../../catalog/state/spool-table.ts';
import { OutQueue, type Queued } from './out-queue.ts';
import type { Spool, SpooledMessage } from './spool.ts';

/** Without a spool: what an outage may leave. */
const IN_MEMORY = { messages: 200, bytes: 4 * 1024 * 1024 };
/** With one: what may come while the disk cannot take anything. */
const WHILE_DISK_IS_BUSY = { messages: 1000, bytes: 4 * 1024 * 1024 };

/** A message that was taken out of a lane to be sent; one with a key is in the spool. */
export type Departing = Queued | SpooledMessage;

/**
 * All that waits of one class, in the order in which it came: first what the spool has, then what came since and is in memory. What is
 * in memory goes to the spool as a whole, so that this order holds.
 */
export class Lane {
  readonly kind: MessageClass;
  readonly #spool: Spool | undefined;
  readonly #memory: OutQueue;
  /** What the spool has is read up to here, on this connection. */
  #readTo = 0;

  constructor(kind: MessageClass, spool: Spool | undefined) {
    this.kind = kind;
    this.#spool = spool;
    this.#memory = new OutQueue(spool === undefined ? IN_MEMORY : WHILE_DISK_IS_BUSY);
  }

  /** In memory. */
  get length(): number {
    return this.#memory.length;
  }

  get dropped(): number {
    return this.#memory.dropped;
  }

  /** Their payloads. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** Of those in memory. */
  get oldest(): Queued | undefined {
    return this.#memory.messages[0];
  }

  push(message: Queued): void {
    this.#memory.push(message);
  }

  next(): Departing | undefined {
    const spooled = this.#spool?.next(this.kind, this.#readTo);
    if (spooled === undefined) return this.#memory.next();
    this.#readTo = spooled.key;
    return spooled;
  }

  /** The broker has it, or never wants it. */
  settle(departed: Departing): void {
    if (departed.key !== undefined) this.#spool?.done(departed.key);
    else if ('isFinal' in departed) this.#memory.remove(departed);
  }

  /** Another connection: all that is not settled is sent again. */
  rewind(): void {
    this.#readTo = 0;
    this.#memory.rewind();
  }

  /** What in memory is worth a place in the spool, oldest first. */
  get worthKeeping(): readonly Queued[] {
    return this.#memory.messages.filter(({ isFinal }) => isFinal);
  }

  /** All that was worth keeping is in the spool now, and knows its key. The rest of what is in memory is given up. */
  spooled(): void {
    const sent = this.#memory.takeAll();
    // What is on its way already is not to be read from the spool, too.
    this.#readTo = Math.max(this.#readTo, ...sent.map(({ key = 0 }) => key));
  }
}
