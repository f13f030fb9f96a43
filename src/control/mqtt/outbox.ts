import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { RepeatGate } from '../repeat-gate.ts';
import { Backlog, type SpoolReport } from './backlog.ts';
import type { BrokerLink, OutMessage } from './broker-link.ts';
import type { Departing } from './lane.ts';
import type { Spool } from './spool.ts';

/** At most one log line about refused messages in that time. */
const REFUSAL_LOG_MS = 60_000;

/** A retained message that is made when it is sent: what counts is its latest content. */
type MakeMessage = () => OutMessage;

interface Announcement {
  readonly kind: 'announcement';
  readonly message: OutMessage;
  readonly onDelivered: () => void;
}

export interface OutboxCounts {
  readonly waiting: number;
  /** Messages that the broker refused, or that are larger than it takes. */
  readonly refused: number;
}

export interface OutboxDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A broker that answers pings and acknowledges nothing is given up after so long. */
  readonly stallMs: number;
  /** Where what waits for long is kept; without one it waits in memory. */
  readonly spool: Spool | undefined;
}

/**
 * All QoS 1 messages on their way out, over connections that come and go. Order: announcements (status, birth,
 * health, camera states: only the latest of each), then the backlog. Keeps to the broker's Receive
 * Maximum and Maximum Packet Size.
 */
export class Outbox {
  /** Announcements that are due, by topic: a closed set, one per retained topic of the box. */
  readonly #due = new Map<string, { readonly make: MakeMessage; readonly onDelivered: () => void }>();
  readonly #backlog: Backlog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #refusals: RepeatGate;
  readonly #stallMs: number;
  #link: BrokerLink | undefined;
  #inFlight = 0;
  #refused = 0;
  #whenEmpty: (() => void)[] = [];
  #cancelStallTimer: (() => void) | undefined;

  constructor({ clock, logger, stallMs, spool }: OutboxDeps) {
    this.#backlog = new Backlog(clock, spool);
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#logger = logger;
    this.#refusals = new RepeatGate(clock, REFUSAL_LOG_MS);
  }

  get counts(): OutboxCounts {
    return { waiting: this.#due.size + this.#backlog.length, refused: this.#refused };
  }

  get spool(): SpoolReport {
    return this.#backlog.report;
  }

  /** Whether there is a connection to send over. */
  get attached(): boolean {
    return this.#link !== undefined;
  }

  /** @param onDelivered the broker has it */
  announce(topic: string, make: MakeMessage, onDelivered: () => void = () => undefined): void {
    this.#due.set(topic, { make, onDelivered });
    this.#pump();
  }

  /** @param isFinal whether it is worth being kept over a restart */
  respond(message: OutMessage, isFinal: boolean): void {
    this.#backlog.push('response', message, isFinal);
    this.#pump();
    this.#backlog.watchMemory();
  }

  event(message: OutMessage): void {
    this.#backlog.push('event', message, true);
    this.#pump();
    this.#backlog.watchMemory();
  }

  /** Bring to the disk what is not acknowledged. Resolves to whether the disk took it. */
  store(): Promise<boolean> {
    return this.#backlog.store();
  }

  /** Nothing more is sent, and what is not acknowledged is on the disk, when this resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.attach(undefined);
    await this.#backlog[Symbol.asyncDispose]();
  }

  /** Send over this connection from now on; without one, everything waits. */
  attach(link: BrokerLink | undefined): void {
    this.#stopStallTimer();
    this.#link = link;
    this.#inFlight = 0;
    this.#backlog.rewind(link !== undefined);
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
      const departing = this.#announcement() ?? this.#backlog.next();
      if (departing === undefined) break;
      this.#send(link, departing);
    }
    this.#watchForStall(link);
    if (this.#whenEmpty.length > 0 && this.#inFlight === 0 && this.counts.waiting === 0) {
      for (const resolve of this.#whenEmpty.splice(0)) resolve();
    }
  }

  #announcement(): Announcement | undefined {
    for (const [topic, { make, onDelivered }] of this.#due) {
      this.#due.delete(topic);
      try {
        return { kind: 'announcement', message: make(), onDelivered };
      } catch (failure) {
        this.#logger.error('mqtt_announcement_failed', { topic, err: failure });
      }
    }
    return undefined;
  }

  #send(link: BrokerLink, departing: Announcement | Departing): void {
    const { message } = departing;
    const settle = (): void => {
      if (departing.kind !== 'announcement') this.#backlog.settle(departing);
    };
    if (!link.fits(message)) {
      settle();
      this.#refuse(message, `it is larger than the ${link.maxPacketBytes} bytes that the broker takes`);
      return;
    }
    this.#inFlight += 1;
    link.publish(message, (result) => {
      if (this.#link !== link) return; // a connection of the past: the message has been sent again
      this.#inFlight -= 1;
      this.#stopStallTimer();
      settle();
      if (result === 'acknowledged') {
        if (departing.kind === 'announcement') departing.onDelivered();
      } else {
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

  #refuse(message: OutMessage, reason: string): void {
    this.#refused += 1;
    const repeats = this.#refusals.pass();
    if (repeats === undefined) return;
    const remedy = "Compare the broker's ACL and max_packet_size with deploy/mosquitto";
    this.#logger.warn('mqtt_publish_refused', { topic: message.topic, reason, remedy, repeats });
  }
}
