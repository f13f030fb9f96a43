import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { RepeatGate } from '../repeat-gate.ts';
import type { BrokerLink, OutMessage } from './broker-link.ts';
import { OutQueue } from './out-queue.ts';

const RESPONSES = 200;
const EVENTS = 200;
/** At most one log line about refused messages in that time. */
const REFUSAL_LOG_MS = 60_000;

/** A retained message that is made when it is sent: what counts is its latest content. */
type MakeMessage = () => OutMessage;

export interface OutboxCounts {
  readonly waiting: number;
  /** Events and responses that had to make room while the broker was away. */
  readonly dropped: number;
  /** Messages that the broker refused, or that are larger than it takes. */
  readonly refused: number;
}

/**
 * All QoS 1 messages on their way out, over connections that come and go. Order: announcements (status, birth,
 * health, camera states: only the latest of each), then responses, then events. Keeps to the broker's Receive
 * Maximum and Maximum Packet Size.
 */
export class Outbox {
  /** Announcements that are due, by topic: a closed set, one per retained topic of the box. */
  readonly #due = new Map<string, MakeMessage>();
  readonly #responses = new OutQueue(RESPONSES);
  readonly #events = new OutQueue(EVENTS);
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #refusals: RepeatGate;
  readonly #stallMs: number;
  #link: BrokerLink | undefined;
  #inFlight = 0;
  #refused = 0;
  #whenEmpty: (() => void)[] = [];
  #cancelStallTimer: (() => void) | undefined;

  /** @param stallMs a broker that answers pings and acknowledges nothing is given up after so long */
  constructor(clock: Clock, logger: Logger, stallMs: number) {
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#logger = logger;
    this.#refusals = new RepeatGate(clock, REFUSAL_LOG_MS);
  }

  get counts(): OutboxCounts {
    return {
      waiting: this.#due.size + this.#responses.length + this.#events.length,
      dropped: this.#responses.dropped + this.#events.dropped,
      refused: this.#refused,
    };
  }

  /** Whether there is a connection to send over. */
  get attached(): boolean {
    return this.#link !== undefined;
  }

  announce(topic: string, make: MakeMessage): void {
    this.#due.set(topic, make);
    this.#pump();
  }

  respond(message: OutMessage): void {
    this.#responses.push(message);
    this.#pump();
  }

  event(message: OutMessage): void {
    this.#events.push(message);
    this.#pump();
  }

  /** Send over this connection from now on; without one, everything waits. */
  attach(link: BrokerLink | undefined): void {
    this.#stopStallTimer();
    this.#link = link;
    this.#inFlight = 0;
    this.#responses.rewind();
    this.#events.rewind();
    this.#pump();
  }

  /** Resolves when everything is acknowledged; never, if the connection goes. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEmpty.push(resolve);
      this.#pump();
    });
  }

  #pump(): void {
    const link = this.#link;
    if (link === undefined) return;
    while (this.#inFlight < link.window) {
      const message = this.#next();
      if (message === undefined) break;
      this.#send(link, message);
    }
    this.#watchForStall(link);
    if (this.#inFlight === 0 && this.counts.waiting === 0) {
      for (const resolve of this.#whenEmpty.splice(0)) resolve();
    }
  }

  #next(): OutMessage | undefined {
    for (const [topic, make] of this.#due) {
      this.#due.delete(topic);
      try {
        return make();
      } catch (failure) {
        this.#logger.error('mqtt_announcement_failed', { topic, err: failure });
      }
    }
    return this.#responses.next() ?? this.#events.next();
  }

  #send(link: BrokerLink, message: OutMessage): void {
    if (!link.fits(message)) {
      this.#settle(message);
      this.#refuse(message, `it is larger than the ${link.maxPacketBytes} bytes that the broker takes`);
      return;
    }
    this.#inFlight += 1;
    link.publish(message, (result) => {
      if (this.#link !== link) return; // a connection of the past: the message has been sent again
      this.#inFlight -= 1;
      this.#stopStallTimer();
      this.#settle(message);
      if (result !== 'acknowledged') {
        this.#refuse(message, `the broker refused it with reason 0x${result.refusedWith.toString(16)}`);
      }
      this.#pump();
    });
  }

  /** The next acknowledgement is due within stallMs. */
  #watchForStall(link: BrokerLink): void {
    if (this.#inFlight === 0 || this.#cancelStallTimer !== undefined) return;
    this.#cancelStallTimer = this.#clock.after(this.#stallMs, () => {
      link.abandon(`the broker has acknowledged nothing for ${this.#stallMs / 1000} s`);
    });
  }

  #stopStallTimer(): void {
    this.#cancelStallTimer?.();
    this.#cancelStallTimer = undefined;
  }

  #settle(message: OutMessage): void {
    this.#responses.remove(message);
    this.#events.remove(message);
  }

  #refuse(message: OutMessage, reason: string): void {
    this.#refused += 1;
    const repeats = this.#refusals.pass();
    if (repeats === undefined) return;
    const remedy = "Compare the broker's ACL and max_packet_size with deploy/mosquitto";
    this.#logger.warn('mqtt_publish_refused', { topic: message.topic, reason, remedy, repeats });
  }
}
