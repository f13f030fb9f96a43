import type { MonoUs } from '../../base/units.ts';
import type { Waiting } from './spool.ts';

/** One that waits here, or was handed to the spool while it was on its way. */
export interface Queued extends Waiting {
  /** Only the final response of a command is worth a place on the disk. */
  readonly isFinal: boolean;
  readonly at: MonoUs;
  /** Where the spool has it. */
  key?: number;
}

export interface QueueCapacity {
  readonly messages: number;
  /** Of payloads. */
  readonly bytes: number;
}

/**
 * Messages of one class that wait for the broker or for its acknowledgement, first in, first out. Full: the oldest is dropped and
 * counted, because what is new tells more. A message leaves when it is acknowledged; `rewind` sends the
 * unacknowledged ones again over the next connection (so a subscriber may see one twice: QoS 1).
 */
export class OutQueue {
  readonly #capacity: QueueCapacity;
  #messages: Queued[] = [];
  /** The first so many of `#messages` are sent. */
  #sent = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(capacity: QueueCapacity) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#messages.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Of payloads. */
  get bytes(): number {
    return this.#bytes;
  }

  push(message: Queued): void {
    this.#messages.push(message);
    this.#bytes += message.message.payload.length;
    while (this.#messages.length > this.#capacity.messages || this.#bytes > this.#capacity.bytes) {
      const [oldest] = this.#messages;
      if (oldest === undefined) return;
      this.remove(oldest);
      this.#dropped += 1;
    }
  }

  /** The next message to send, from now on counted as sent. */
  next(): Queued | undefined {
    const message = this.#messages[this.#sent];
    if (message !== undefined) this.#sent += 1;
    return message;
  }

  /** The broker has it, or never wants it. Late calls for a dropped message are harmless. */
  remove(message: Queued): void {
    const at = this.#messages.indexOf(message);
    if (at === -1) return;
    this.#messages.splice(at, 1);
    this.#bytes -= message.message.payload.length;
    if (at < this.#sent) this.#sent -= 1;
  }

  rewind(): void {
    this.#sent = 0;
  }

  /** All of them, for the spool, oldest first. */
  get messages(): readonly Queued[] {
    return this.#messages;
  }

  /** Empties it: they are elsewhere now. Returns those that had been sent. */
  takeAll(): readonly Queued[] {
    const sent = this.#messages.slice(0, this.#sent);
    this.#messages = [];
    this.#sent = 0;
    this.#bytes = 0;
    return sent;
  }
}
