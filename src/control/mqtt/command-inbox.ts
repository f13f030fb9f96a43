import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { CommandExecutor } from '../executor.ts';
import { RepeatGate } from '../repeat-gate.ts';
import type { Requester } from '../requester.ts';
import { isFinal } from '../response.ts';
import type { InMessage, OutMessage } from './broker-link.ts';
import type { Topics } from './topics.ts';

/** At most one log line about messages to odd topics in that time. */
const BAD_TOPIC_LOG_MS = 60_000;
/** Longer correlation data of a requester is not sent back. */
const MAX_CORRELATION_BYTES = 1024;

export interface CommandInboxDeps {
  readonly topics: Topics;
  readonly executor: CommandExecutor;
  readonly clock: Clock;
  readonly logger: Logger;
  respond(message: OutMessage, isFinal: boolean): void;
  /** Throws `network`, `too_large`, `busy`. */
  publishSnapshot(camera: string, jpeg: Uint8Array): void;
}

/** Takes what the broker delivers to the executor, and its answers back to the topic where they are awaited. */
export class CommandInbox {
  readonly #deps: CommandInboxDeps;
  readonly #badTopicGate: RepeatGate;
  #badTopics = 0;

  constructor(deps: CommandInboxDeps) {
    this.#deps = deps;
    this.#badTopicGate = new RepeatGate(deps.clock, BAD_TOPIC_LOG_MS);
  }

  /** Messages whose topic gives no command name and request id that could be answered. */
  get badTopics(): number {
    return this.#badTopics;
  }

  /** Resolves when the broker may forget the message. Whatever comes in, it never rejects: MQTT.js would not catch it. */
  async receive(message: InMessage): Promise<void> {
    const command = this.#deps.topics.parseCommand(message.topic);
    if (command === undefined) {
      this.#noteBadTopic(message.topic);
      return;
    }
    const { payload, retained, expiresInS } = message;
    if (retained && payload.length === 0) return; // somebody clears a retained command
    const requester = this.#requester(command.name, command.id, message);
    await this.#deps.executor.submit({ ...command, payload, retained, live: false, expiresInS }, requester);
  }

  #requester(name: string, id: string, { responseTopic, correlationData }: InMessage): Requester {
    const { topics, respond, publishSnapshot } = this.#deps;
    const topic = topics.allowedResponse(responseTopic) ?? topics.response(name, id);
    const correlation =
      correlationData === undefined || correlationData.length > MAX_CORRELATION_BYTES ? {} : { correlationData };
    return {
      door: 'mqtt',
      replyTo: { topic, ...correlation },
      respond: (response) =>
        respond({ topic, payload: JSON.stringify(response), retain: false, ...correlation }, isFinal(response.status)),
      deliverJpeg: publishSnapshot,
    };
  }

  #noteBadTopic(topic: string): void {
    this.#badTopics += 1;
    const repeats = this.#badTopicGate.pass();
    if (repeats === undefined) return;
    this.#deps.logger.warn('mqtt_bad_topic', {
      topic: topic.slice(0, 200),
      remedy: 'Publish to cmd/<name>/<id> with an id of 1 to 64 characters A-Z a-z 0-9 _ . : -',
      repeats,
    });
  }
}
