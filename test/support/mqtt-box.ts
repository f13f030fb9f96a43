import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import type { CommandJournal } from '../../src/control/command-journal.ts';
import { CommandExecutor } from '../../src/control/executor.ts';
import type { AlarmSource } from '../../src/control/mqtt/herald.ts';
import { MQTT_TIMING, type MqttConfig, type MqttTiming } from '../../src/control/mqtt/link-options.ts';
import { type MqttDoor, openMqttDoor } from '../../src/control/mqtt/mqtt-door.ts';
import type { Spool } from '../../src/control/mqtt/spool.ts';
import { COMMANDS } from '../../src/control/registry.ts';
import { FakeBox } from './fake-box.ts';
import { LogCollector } from './log-collector.ts';
import { until } from './until.ts';

/** Short waits, so that tests see a retry and a will soon. */
export const QUICK: MqttTiming = {
  ...MQTT_TIMING,
  willDelayS: 0,
  keepaliveS: 5,
  connectTimeoutMs: 3000,
  retry: { firstMs: 50, maxMs: 200 },
};

export interface MqttBox extends AsyncDisposable {
  readonly box: FakeBox;
  readonly executor: CommandExecutor;
  readonly door: MqttDoor;
  readonly log: LogCollector;
  /** Resolves when the door is connected and everything is acknowledged. */
  settled(): Promise<void>;
  disconnected(): Promise<void>;
  /** Resolves to the first warning about the connection. */
  warning(): Promise<string>;
}

export const mqttConfig = (url: string, parts: Partial<MqttConfig> = {}): MqttConfig => ({
  url,
  username: '',
  password_file: '',
  ca: '',
  cert: '',
  key: '',
  health_interval_s: 3600,
  telemetry_interval_s: 0,
  ...parts,
});

/** A fake box behind a real door, as app/ puts them together. */
export function openMqttBox(
  url: string,
  options: {
    readonly box?: FakeBox;
    readonly config?: Partial<MqttConfig>;
    readonly timing?: Partial<MqttTiming>;
    readonly journal?: CommandJournal;
    readonly spool?: Spool | undefined;
    readonly session?: number;
    readonly alarms?: AlarmSource;
  } = {},
): MqttBox {
  const box = options.box ?? new FakeBox();
  const log = new LogCollector();
  const clock = SYSTEM_CLOCK;
  const { journal, spool, session = 1, alarms } = options;
  const executor = new CommandExecutor(COMMANDS, box, { clock, logger: log, ...(journal && { journal }) });
  const door = openMqttDoor(mqttConfig(url, options.config), {
    box,
    commands: COMMANDS,
    executor,
    clock,
    logger: log,
    hardware: { model: 'test bench' },
    credentialsDirectory: undefined,
    ...{ session, spool, alarms },
    timing: { ...QUICK, ...options.timing },
  });
  return {
    box,
    executor,
    door,
    log,
    settled: () => until('connected and idle', () => door.state.connected && door.state.waiting === 0),
    disconnected: () => until('disconnected', () => !door.state.connected),
    async warning() {
      await until('a warning', () => log.of('mqtt_down').length > 0);
      return String(log.of('mqtt_down')[0]!.fields['error']);
    },
    async [Symbol.asyncDispose]() {
      await executor[Symbol.asyncDispose]();
      await door[Symbol.asyncDispose]();
    },
  };
}
