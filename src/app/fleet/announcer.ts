import type { Config } from '../../config/config.ts';
import type { SpoolReport } from '../../control/mqtt/backlog.ts';
import type { MqttDoor } from '../../control/mqtt/mqtt-door.ts';
import type { ClipResult } from '../../record/clip/clip.ts';
import type { Notifier } from '../../systemd/notifier.ts';
import type { CameraUnit } from '../camera/camera-unit.ts';
import type { BrokerHealth } from '../health-desk.ts';

export interface AnnouncerDeps {
  readonly notifier: Notifier;
  readonly cameras: () => readonly CameraUnit[];
  /** Whether a broker is configured. */
  readonly hasBroker: () => boolean;
  readonly openMqtt: (mqtt: Config['mqtt']) => Promise<MqttDoor>;
}

/** Tells the world what happens on the box: the fleet by MQTT, as long as there is a broker, and systemd in a line. */
export class Announcer {
  readonly #deps: AnnouncerDeps;
  #mqtt: MqttDoor | undefined;

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
  }

  /** Undefined when no broker is configured. */
  get broker(): BrokerHealth | undefined {
    return this.#deps.hasBroker() ? { connected: false, ...this.#mqtt?.state } : undefined;
  }

  /** What waits for the broker. */
  get spool(): SpoolReport | undefined {
    return this.#mqtt?.spool;
  }

  /** Talk to this broker from now on, and no more to the one before. */
  async useBroker(mqtt: Config['mqtt']): Promise<void> {
    await this.closeBroker();
    if (mqtt.url !== '') this.#mqtt = await this.#deps.openMqtt(mqtt);
  }

  /** Says goodbye; what happens after that is told to systemd alone. */
  async closeBroker(): Promise<void> {
    const door = this.#mqtt;
    await door?.[Symbol.asyncDispose]();
    this.#mqtt = undefined;
  }

  event(type: string, body: Readonly<Record<string, unknown>>): void {
    this.#mqtt?.publishEvent(type, body);
  }

  cameraState({ id, state }: CameraUnit): void {
    this.#mqtt?.publishCameraState(id);
    this.#mqtt?.publishHealth();
    if (state === 'lost' || state === 'failed') this.event(`camera.${state}`, { camera: id });
    this.status();
  }

  cameraWarnings({ id, warnings }: CameraUnit): void {
    this.#mqtt?.publishCameraState(id);
    this.#mqtt?.publishHealth();
    if (warnings.length > 0) this.event('camera.warning', { camera: id, warnings });
  }

  cameraStage({ id }: CameraUnit): void {
    this.#mqtt?.publishCameraState(id);
  }

  /** Which cameras there are, after some went away. */
  cameraList(gone: readonly string[]): void {
    this.#mqtt?.publishCameras(gone);
  }

  alarm(type: string): void {
    this.#mqtt?.publishAlarm(type);
  }

  /** Returns whether it went out. */
  telemetry(body: object): boolean {
    return this.#mqtt?.telemetry.live(body) ?? false;
  }

  /** Resolves to whether the broker has it. */
  async telemetryBatch(body: object): Promise<boolean> {
    return (await this.#mqtt?.telemetry.batch(body)) ?? false;
  }

  clip(result: ClipResult): void {
    this.event('clip.finished', { ...result });
    this.status();
  }

  /** The line of `systemctl status`. */
  status(): void {
    const cameras = this.#deps.cameras().map(({ id, state }) => `${id} ${state}`);
    this.#deps.notifier.status(cameras.length === 0 ? 'no camera is configured' : cameras.join(', '));
  }
}
