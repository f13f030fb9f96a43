import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { msFromUs } from '../../base/units.ts';
import type { Box } from '../box.ts';
import type { AnyCommand } from '../command.ts';
import type { CommandExecutor } from '../executor.ts';
import type { Hardware } from './announcements.ts';
import type { SpoolReport } from './backlog.ts';
import { type BrokerAddress, parseBrokerUrl } from './broker-address.ts';
import { type BrokerLink, type LinkOptions, openLink } from './broker-link.ts';
import { CommandInbox } from './command-inbox.ts';
import { type AlarmSource, Herald } from './herald.ts';
import { linkOptions, MQTT_TIMING, type MqttConfig, type MqttTiming } from './link-options.ts';
import { Outage } from './outage.ts';
import { Outbox } from './outbox.ts';
import type { Spool } from './spool.ts';
import { TelemetryOut } from './telemetry-out.ts';
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
  /** Number of this run of the service: tells subscribers where `seq` begins anew. */
  readonly session: number;
  /** Left out where there is no disk for it. */
  readonly spool?: Spool | undefined;
  readonly alarms?: AlarmSource | undefined;
  readonly timing?: MqttTiming;
}

/** For the `mqtt` part of health: plain JSON. */
export interface MqttState {
  readonly connected: boolean;
  /** Failed ones in a row, now. */
  readonly attempts: number;
  readonly reconnects_1h: number;
  readonly waiting: number;
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
  const door = new MqttDoor(config, parseBrokerUrl(config.url), deps);
  door.begin();
  return door;
}

export class MqttDoor implements AsyncDisposable {
  readonly #config: MqttConfig;
  readonly #broker: BrokerAddress;
  readonly #deps: MqttDoorDeps;
  readonly #timing: MqttTiming;
  readonly #logger: Logger;
  readonly #topics: Topics;
  readonly #outbox: Outbox;
  readonly telemetry: TelemetryOut;
  readonly #herald: Herald;
  readonly #outage: Outage;
  readonly #inbox: CommandInbox;
  readonly #stop = new AbortController();
  #finished: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  /** Since CONNACK; the outbox is attached a little later, when the subscription stands. */
  #link: BrokerLink | undefined;
  #eventSeq = 0;
  #cancelHealth: () => void = () => undefined;

  /** Does nothing yet: use `openMqttDoor`. */
  constructor(config: MqttConfig, broker: BrokerAddress, deps: MqttDoorDeps) {
    this.#config = config;
    this.#broker = broker;
    this.#deps = deps;
    this.#timing = deps.timing ?? MQTT_TIMING;
    this.#logger = deps.logger.child({ door: 'mqtt' });
    this.#topics = topicsOf(deps.box.id);
    const { clock, spool } = deps;
    this.#outbox = new Outbox({ clock, logger: this.#logger, stallMs: this.#timing.stallMs, spool });
    this.telemetry = new TelemetryOut(this.#outbox, this.#topics, () => this.#link);
    this.#herald = new Herald(this.#outbox, this.#topics, { ...deps, alarms: deps.alarms });
    this.#outage = new Outage(deps.clock, this.#logger);
    this.#inbox = new CommandInbox({
      topics: this.#topics,
      executor: deps.executor,
      clock: deps.clock,
      logger: this.#logger,
      respond: (message, isFinal) => this.#outbox.respond(message, isFinal),
      publishSnapshot: (camera, jpeg) => this.#publishSnapshot(camera, jpeg),
    });
  }

  begin(): void {
    this.#finished = this.#keepConnected(this.#stop.signal);
  }

  get state(): MqttState {
    return {
      connected: this.#outbox.attached,
      attempts: this.#outage.attempts,
      reconnects_1h: this.#outage.reconnectsLastHour,
      ...this.#outbox.counts,
      bad_topics: this.#inbox.badTopics,
    };
  }

  /** What waits for the broker. */
  get spool(): SpoolReport {
    return this.#outbox.spool;
  }

  /** Bring to the disk what waits for the broker. Resolves to whether the disk took it. */
  store(): Promise<boolean> {
    return this.#outbox.store();
  }

  /**
   * Something happened: `event/<type>`, at least once, in order. While the broker is away it waits in the spool;
   * `session` and `seq` show subscribers what is missing or repeated.
   */
  publishEvent(type: string, body: Readonly<Record<string, unknown>>): void {
    if (!EVENT_TYPE.test(type)) {
      throw new CamboxError('bad_argument', { verb: 'publish', thing: 'event', reason: 'bad type', received: type });
    }
    this.#eventSeq += 1;
    const payload = JSON.stringify({
      ...body,
      session: this.#deps.session,
      seq: this.#eventSeq,
      ts: this.#timestamp(),
    });
    this.#outbox.event({ topic: this.#topics.event(type), payload, retain: false });
  }

  /** Publish `health` now, besides the regular times: its verdict changed. */
  publishHealth(): void {
    if (this.#outbox.attached) this.#herald.health(); // at every connect it is announced anyway
  }

  /** Publish `cam/<id>/state`: it changed. */
  publishCameraState(camera: string): void {
    if (this.#outbox.attached) this.#herald.camera(camera);
  }

  /** The set of cameras changed: `birth` again, and the retained state of those that are gone is cleared. */
  publishCameras(gone: readonly string[]): void {
    if (!this.#outbox.attached) return;
    this.#herald.birth();
    for (const camera of gone) this.#herald.cameraGone(camera);
  }

  /** Publish `alarm/<type>`: it was raised, is another, or is over. */
  publishAlarm(type: string): void {
    if (this.#outbox.attached) this.#herald.alarm(type);
  }

  /** Sends what waits, says `offline`, and disconnects; all within 2 s. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#link !== undefined) await this.#sayGoodbye(this.#link);
    this.#stop.abort();
    await this.#finished;
    await this.#outbox[Symbol.asyncDispose]();
  }

  async #sayGoodbye(link: BrokerLink): Promise<void> {
    const atMost = (promise: Promise<unknown>, ms: number): Promise<unknown> => {
      const enough = new AbortController();
      const late = this.#deps.clock.sleep(ms, enough.signal);
      return Promise.race([promise, late, link.closed]).finally(() => enough.abort());
    };
    const half = this.#timing.goodbyeMs / 2;
    this.#cancelHealth();
    await atMost(this.#outbox.empty(), half); // what waits goes first: after `offline` nothing is to be expected
    this.#herald.status('offline');
    const disconnected = this.#outbox.empty().then(() => {
      link.disconnect();
      return link.closed;
    });
    await atMost(disconnected, half);
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
    this.#link = link;
    if (await this.#subscribe(link)) {
      this.#outage.connected({ url: this.#broker.url, session_present: link.sessionPresent });
      this.#herald.all();
      this.#outbox.attach(link);
      this.#publishHealthRegularly();
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

  /** False when the connection went before the broker has answered; a refusal is told and lived with. */
  async #subscribe(link: BrokerLink): Promise<boolean> {
    const cancelTimer = this.#deps.clock.after(this.#timing.connectTimeoutMs, () =>
      link.abandon('the broker does not answer SUBSCRIBE'),
    );
    const reasonCode = await Promise.race([link.subscribe(this.#topics.commands), link.closed]);
    cancelTimer();
    if (typeof reasonCode !== 'number') return false;
    if (reasonCode >= 0x80) this.#warnNoCommands(reasonCode);
    return true;
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
