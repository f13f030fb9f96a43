import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Vm } from './vm.ts';

const LOG = 'mqtt.log';
const POLL_MS = 100;
/** When an expected message does not come, the error shows the last ones of the others, each cut. */
const SHOWN_MESSAGES = 20;
const SHOWN_CHARACTERS = 300;

export interface Message {
  readonly topic: string;
  /** The JSON payload. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** The guest's mosquitto, with a mosquitto_sub that writes down all that is published below `cambox/`. */
export class GuestBroker {
  readonly url = 'mqtt://127.0.0.1:1883';
  readonly #vm: Vm;
  /** Messages before this one have been read by an `expect`. */
  #read = 0;

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  /** Returns once everything that is published is seen. */
  async start(): Promise<void> {
    await this.#vm.sh(`
      systemctl start mosquitto
      systemd-run --quiet --unit=mqtt-log --property=StandardOutput=file:/share/${LOG} \
        stdbuf -oL mosquitto_sub -V 5 -q 1 -t 'cambox/#' -F '%t %p' -d`);
    await this.#vm.until('mosquitto_sub has subscribed', `grep -q SUBACK /share/${LOG}`);
  }

  /** Publishes with mosquitto_pub, as a person would. The message expires after 30 s. */
  async publish(topic: string, body: unknown): Promise<void> {
    await this.#vm.sh(
      `mosquitto_pub -V 5 -q 1 -t '${topic}' -D publish message-expiry-interval 30 -m '${JSON.stringify(body)}'`,
    );
  }

  /** The next message of the topic that passes; those before it count as read. */
  async expect(topic: string, passes: (body: Message['body']) => boolean, timeoutS = 60): Promise<Message['body']> {
    const deadline = performance.now() + timeoutS * 1000;
    for (;;) {
      const messages = await this.messages();
      const found = messages.findIndex(
        (message, i) => i >= this.#read && message.topic === topic && passes(message.body),
      );
      if (found >= 0) {
        this.#read = found + 1;
        return messages[found]!.body;
      }
      if (performance.now() > deadline) {
        const since = messages.slice(this.#read).map((message) => JSON.stringify(message).slice(0, SHOWN_CHARACTERS));
        throw new Error(
          `Not published within ${timeoutS} s: ${topic}. But:\n${since.slice(-SHOWN_MESSAGES).join('\n')}`,
        );
      }
      await sleep(POLL_MS);
    }
  }

  /** Everything published so far. */
  async messages(): Promise<Message[]> {
    const lines = (await readFile(join(this.#vm.share, LOG), 'utf8')).split('\n');
    return lines.slice(0, -1).flatMap((line) => {
      const match = /^(cambox\/\S+) (\{.*\})$/.exec(line);
      return match === null ? [] : [{ topic: match[1]!, body: JSON.parse(match[2]!) }];
    });
  }
}
