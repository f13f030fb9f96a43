import type { Clock } from '../../base/clock.ts';
import type { Box } from '../box.ts';
import type { AnyCommand } from '../command.ts';
import {
  alarmMessage,
  birthMessage,
  cameraStateMessage,
  type Hardware,
  healthMessage,
  type StatusState,
  statusMessage,
} from './announcements.ts';
import type { Outbox } from './outbox.ts';
import type { Topics } from './topics.ts';

/** The alarms of the box, as far as the broker is concerned. */
export interface AlarmSource {
  /** Those that are raised, and those that the broker may still hold. */
  readonly types: readonly string[];
  /** Plain JSON; undefined: it is over. */
  body(type: string): object | undefined;
  /** The broker has what `body` told. */
  delivered(type: string, body: object | undefined): void;
}

export interface HeraldDeps {
  readonly box: Box;
  readonly commands: readonly AnyCommand[];
  readonly hardware: Hardware;
  readonly alarms: AlarmSource | undefined;
  readonly clock: Clock;
}

/** Tells what the box is and how it is: the retained topics, each made when it is sent, so that it is the latest. */
export class Herald {
  readonly #outbox: Outbox;
  readonly #topics: Topics;
  readonly #deps: HeraldDeps;

  constructor(outbox: Outbox, topics: Topics, deps: HeraldDeps) {
    this.#outbox = outbox;
    this.#topics = topics;
    this.#deps = deps;
  }

  /** At every connect. */
  all(): void {
    this.status('online');
    this.birth();
    this.health();
    for (const type of this.#deps.alarms?.types ?? []) this.alarm(type);
    for (const camera of this.#deps.box.cameras()) this.camera(camera.id);
  }

  status(state: StatusState): void {
    this.#outbox.announce(this.#topics.status, () => statusMessage(this.#topics, state, this.#timestamp()));
  }

  birth(): void {
    const { box, commands, hardware } = this.#deps;
    const make = () => birthMessage(this.#topics, box, commands, hardware, this.#timestamp());
    this.#outbox.announce(this.#topics.birth, make);
  }

  health(): void {
    this.#outbox.announce(this.#topics.health, () => healthMessage(this.#topics, this.#deps.box));
  }

  camera(id: string): void {
    const make = () => cameraStateMessage(this.#topics, this.#deps.box, id, this.#timestamp());
    this.#outbox.announce(this.#topics.cameraState(id), make);
  }

  /** A camera that is no more. */
  cameraGone(id: string): void {
    const topic = this.#topics.cameraState(id);
    this.#outbox.announce(topic, () => ({ topic, payload: '', retain: true }));
  }

  alarm(type: string): void {
    const { alarms } = this.#deps;
    if (alarms === undefined) return;
    let told: object | undefined;
    const make = () => {
      told = alarms.body(type);
      return alarmMessage(this.#topics, type, told);
    };
    this.#outbox.announce(this.#topics.alarm(type), make, () => alarms.delivered(type, told));
  }

  #timestamp(): string {
    return new Date(this.#deps.clock.wall()).toISOString();
  }
}
