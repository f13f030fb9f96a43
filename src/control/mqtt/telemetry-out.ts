import { asCamboxError } from '../../base/errors.ts';
import type { BrokerLink } from './broker-link.ts';
import type { Outbox } from './outbox.ts';
import type { Topics } from './topics.ts';

/** Telemetry on its way out: nothing of it waits for a broker, as the box has it on its disk anyway. */
export class TelemetryOut {
  readonly #outbox: Outbox;
  readonly #topics: Topics;
  readonly #link: () => BrokerLink | undefined;

  constructor(outbox: Outbox, topics: Topics, link: () => BrokerLink | undefined) {
    this.#outbox = outbox;
    this.#topics = topics;
    this.#link = link;
  }

  /** `telemetry`, QoS 0. False: there is no broker, or the network is too slow. */
  live(body: object): boolean {
    const link = this.#link();
    if (link === undefined || !this.#outbox.attached) return false;
    try {
      link.publishNow({ topic: this.#topics.telemetry, payload: JSON.stringify(body), retain: false });
      return true;
    } catch (failure) {
      const { code } = asCamboxError(failure, 'publish', 'telemetry');
      if (code === 'busy' || code === 'too_large') return false; // it is told later, in a batch
      throw failure;
    }
  }

  /** `telemetry/batch`, QoS 1, one at a time, when nothing else waits. Resolves to whether the broker has it. */
  batch(body: object): Promise<boolean> {
    const link = this.#link();
    if (link === undefined || !this.#outbox.attached || this.#outbox.counts.waiting > 0) return Promise.resolve(false);
    const topic = this.#topics.telemetryBatch;
    const payload = JSON.stringify(body);
    return new Promise((resolve) => {
      this.#outbox.announce(
        topic,
        () => ({ topic, payload, retain: false }),
        () => resolve(true),
      );
      void link.closed.then(() => resolve(false));
    });
  }
}
