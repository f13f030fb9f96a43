import type { OutMessage } from './broker-link.ts';

/**
 * Messages that wait for the broker or for its acknowledgement, first in, first out. Full: the oldest is dropped and
 * counted, because what is new tells more. A message leaves when it is acknowledged; `rewind` sends the
 * unacknowledged ones again over the next connection (so a subscriber may see one twice: QoS 1).
 */
export class OutQueue {
  readonly #capacity: number;
  readonly #messages: OutMessage[] = [];
  /** The first so many of `#messages` are sent. */
  #sent = 0;
  #dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#messages.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  push(message: OutMessage): void {
    if (this.#messages.length === this.#capacity) {
      this.#messages.shift();
      this.#sent = Math.max(0, this.#sent - 1);
      this.#dropped += 1;
    }
    this.#messages.push(message);
  }

  /** The next message to send, from now on counted as sent. */
  next(): OutMessage | undefined {
    const message = this.#messages[this.#sent];
    if (message !== undefined) this.#sent += 1;
    return message;
  }

  /** The broker has it, or never wants it. Late calls for a dropped message are harmless. */
  remove(message: OutMessage): void {
    const at = this.#messages.indexOf(message);
    if (at === -1) return;
    this.#messages.splice(at, 1);
    if (at < this.#sent) this.#sent -= 1;
  }

  rewind(): void {
    this.#sent = 0;
  }
}
