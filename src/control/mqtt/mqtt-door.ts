import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { msFromUs } from '../../base/units.ts';
import type { Box } from '../box.ts';
import type { AnyCommand } from '../command.ts';
import type { CommandExecutor } from '../executor.ts';
import { birthMessage, cameraStateMessage, type Hardware, healthMessage, statusMessage } from './announcements.ts';
import { type BrokerAddress, parseBrokerUrl } from './broker-address.ts';
import { type BrokerLink, type LinkOptions, openLink } from './broker-link.ts';
import { CommandInbox } from './command-inbox.ts';
import { linkOptions, MQTT_TIMING, type MqttConfig, type MqttTiming } from './link-options.ts';
import { Outage } from './outage.ts';
import { Outbox } from './outbox.ts';
import { type Topics, topicsOf } from './topics.ts';

export interface MqttDoorDeps {
  readonly box: Box;
  readonly commands: readonly AnyCommand[];
  readonly executor: CommandExecutor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hardware: Hardware;
  /** systemd's $CREDENTIALS_DIRECTORY, for `credential:NAME` in the config. */
  readonly credentialsDirectory: string | undefined;
  readonly timing?: MqttTiming;
}

/** For the `mqtt` part of health: plain JSON. */
export interface MqttState {
  readonly connected: boolean;
  /** Failed ones in a row, now. */
  readonly attempts: number;
  readonly reconnects_1h: number;
  readonly waiting: number;
  readonly dropped: number;
  readonly refused: number;
  readonly bad_topics: number;
}

const EVENT_TYPE = /^[a-z][a-z0-9_.]{0,63}$/;

/**
 * Open the MQTT door and return at once: whether there is a broker or not, the daemon goes on, and the door keeps
 * trying. Dispose it for a clean goodbye (`offline`, then DISCONNECT). Throws `bad_config` for an URL that can never
 * work.
 */
export function openMqttDoor(config: MqttConfig, deps: MqttDoorDeps): MqttDoor {
  return new MqttDoor(config, parseBrokerUrl(config.url), deps);
}

export class MqttDoor implements AsyncDisposable {
  readonly #config: MqttConfig;
  readonly #broker: BrokerAddress;
  readonly #deps: MqttDoorDeps;
  readonly #timing: MqttTiming;
  readonly #logger: Logger;
  readonly #topics: Topics;
  readonly #outbox: Outbox;
  readonly #outage: Outage;
  readonly #inbox: CommandInbox;
  readonly #stop = new AbortController();
  readonly #finished: Promise<void>;
  #link: BrokerLink | undefined;
  #eventSeq = 0;
  #cancelHealth: () => void = () => undefined;

  /** Use `openMqttDoor`. */
  constructor(config: MqttConfig, broker: BrokerAddress, deps: MqttDoorDeps) {
    this.#config = config;
    this.#broker = broker;
    this.#deps = deps;
    this.#timing = deps.timing ?? MQTT_TIMING;
    this.#logger = deps.logger.child({ door: 'mqtt' });
    this.#topics = topicsOf(deps.box.id);
    this.#outbox = new Outbox(deps.clock, this.#logger, this.#timing.stallMs);
    this.#outage = new Outage(deps.clock, this.#logger);
    this.#inbox = new CommandInbox({
      topics: this.#topics,
      executor: deps.executor,
      clock: deps.clock,
      logger: this.#logger,
      respond: (message) => this.#outbox.respond(message),
      publishSnapshot: (camera, jpeg) => this.#publishSnapshot(camera, jpeg),
    });
    this.#finished = this.#keepConnected(this.#stop.signal);
  }

  get state(): MqttState {
    return {
      connected: this.#link !== undefined,
      attempts: this.#outage.attempts,
      reconnects_1h: this.#outage.reconnectsLastHour,
      ...this.#outbox.counts,
      bad_topics: this.#inbox.badTopics,
    };
  }

  /**
   * Something happened: `event/<type>`, at least once, in order. While the broker is away the latest 200 are kept;
   * `seq` shows subscribers what is missing or repeated.
   */
  publishEvent(type: string, body: Readonly<Record<string, unknown>>): void {
    if (!EVENT_TYPE.test(type)) {
      throw new CamboxError('bad_argument', { verb: 'publish', thing: 'event', reason: 'bad type', received: type });
    }
    this.#eventSeq += 1;
    const payload = JSON.stringify({ ...body, seq: this.#eventSeq, ts: this.#timestamp() });
    this.#outbox.event({ topic: this.#topics.event(type), payload, retain: false });
  }

  /** Publish `health` now, besides the regular times: its verdict changed. */
  publishHealth(): void {
    if (this.#link === undefined) return; // it is published first thing at every connect
    this.#outbox.announce(this.#topics.health, () => healthMessage(this.#topics, this.#deps.box));
  }

  /** Publish `cam/<id>/state`: it changed. */
  publishCameraState(camera: string): void {
    if (this.#link === undefined) return;
    const make = () => cameraStateMessage(this.#topics, this.#deps.box, camera, this.#timestamp());
    this.#outbox.announce(this.#topics.cameraState(camera), make);
  }

  /** Sends what waits, says `offline`, and disconnects; all within 2 s. */
  async [Symbol.asyncDispose](): Promise<void> {
    const link = this.#link;
    if (link !== undefined && !this.#stop.signal.aborted) {
      const enough = new AbortController();
      const late = this.#deps.clock.sleep(this.#timing.goodbyeMs, enough.signal);
      await Promise.race([this.#sayGoodbye(link), late, link.closed]);
      enough.abort();
    }
    this.#stop.abort();
    await this.#finished;
  }

  async #sayGoodbye(link: BrokerLink): Promise<void> {
    this.#cancelHealth();
    await this.#outbox.empty(); // what waits goes first: after `offline` nothing is to be expected from this box
    this.#outbox.announce(this.#topics.status, () => statusMessage(this.#topics, 'offline', this.#timestamp()));
    await this.#outbox.empty();
    link.disconnect();
    await link.closed;
  }

  async #keepConnected(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const backoff = new Backoff(this.#timing.retry);
    while (!signal.aborted) {
      const startedAt = clock.now();
      const failure = await this.#connectOnce(signal);
      if (signal.aborted) return;
      this.#outage.failed(failure);
      if (msFromUs(clock.now() - startedAt) > this.#timing.stableMs) backoff.reset();
      await clock.sleep(backoff.nextMs(), signal);
    }
  }

  /** Connect and stay so as long as possible. Returns why it ended. */
  async #connectOnce(signal: AbortSignal): Promise<CamboxError> {
    let link: BrokerLink;
    try {
      link = await openLink(await this.#linkOptions(), (message) => this.#inbox.receive(message), signal);
    } catch (failure) {
      return asCamboxError(failure, 'connect to', `MQTT broker ${this.#broker.url}`);
    }
    const cut = (): void => link.abandon('the daemon stops');
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    this.#outage.connected({ url: this.#broker.url, session_present: link.sessionPresent });
    const cancelTimer = this.#deps.clock.after(this.#timing.connectTimeoutMs, () =>
      link.abandon('the broker does not answer SUBSCRIBE'),
    );
    const subscribed = await Promise.race([link.subscribe(this.#topics.commands), link.closed]);
    cancelTimer();
    if (typeof subscribed === 'number') {
      if (subscribed >= 0x80) this.#warnNoCommands(subscribed);
      this.#link = link;
      this.#announceAll(link);
    }
    const failure = await link.closed;
    this.#link = undefined;
    this.#cancelHealth();
    this.#outbox.attach(undefined);
    signal.removeEventListener('abort', cut);
    return failure;
  }

  #linkOptions(): Promise<LinkOptions> {
    const { box, credentialsDirectory } = this.#deps;
    return linkOptions(this.#config, this.#broker, box.id, this.#topics, this.#timing, credentialsDirectory);
  }

  #announceAll(link: BrokerLink): void {
    const { box, commands, hardware } = this.#deps;
    const topics = this.#topics;
    this.#outbox.announce(topics.status, () => statusMessage(topics, 'online', this.#timestamp()));
    this.#outbox.announce(topics.birth, () => birthMessage(topics, box, commands, hardware, this.#timestamp()));
    this.publishHealth();
    for (const camera of box.cameras()) this.publishCameraState(camera.id);
    this.#outbox.attach(link);
    this.#publishHealthRegularly();
  }

  #publishHealthRegularly(): void {
    this.#cancelHealth = this.#deps.clock.after(this.#config.health_interval_s * 1000, () => {
      this.publishHealth();
      this.#publishHealthRegularly();
    });
  }

  #publishSnapshot(camera: string, jpeg: Uint8Array): void {
    if (this.#link === undefined) {
      throw new CamboxError('network', {
        verb: 'publish',
        thing: `the snapshot of camera ${camera}`,
        reason: 'the MQTT connection is gone',
      });
    }
    this.#link.publishNow({ topic: this.#topics.snapshot(camera), payload: jpeg, retain: false });
  }

  #warnNoCommands(reasonCode: number): void {
    this.#logger.warn('mqtt_subscribe_refused', {
      topic: this.#topics.commands,
      reason_code: reasonCode,
      remedy: "Allow it in the broker's ACL (deploy/mosquitto/cambox.acl); until then there are no commands over MQTT",
    });
  }

  #timestamp(): string {
    return new Date(this.#deps.clock.wall()).toISOString();
  }
}
