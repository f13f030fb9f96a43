import type { Config } from '../../config/config.ts';
import type { Box } from '../../control/box.ts';
import type { CommandExecutor } from '../../control/executor.ts';
import type { MqttDoor } from '../../control/mqtt/mqtt-door.ts';
import { COMMANDS } from '../../control/registry.ts';
import type { DaemonDeps } from '../daemon-deps.ts';
import type { HealthDesk } from '../health-desk.ts';
import type { AlarmBoard } from './alarm-board.ts';
import type { ControlState } from './control-state.ts';

export interface BrokerDeps {
  readonly process: DaemonDeps;
  readonly box: Box;
  readonly executor: CommandExecutor;
  readonly health: HealthDesk;
  readonly control: ControlState;
  readonly alarms: AlarmBoard;
}

/** The door to the broker. Loaded only where there is one: the client takes some megabytes. Throws `bad_config`. */
export async function openBroker(mqtt: Config['mqtt'], deps: BrokerDeps): Promise<MqttDoor> {
  const { openMqttDoor } = await import('../../control/mqtt/mqtt-door.ts');
  const { clock, logger, env } = deps.process;
  const { box, executor, alarms, health, control } = deps;
  return openMqttDoor(mqtt, {
    ...{ box, executor, alarms, clock, logger },
    commands: COMMANDS,
    hardware: { ...health.hardware },
    credentialsDirectory: env['CREDENTIALS_DIRECTORY'],
    session: control.session,
    spool: control.spool,
  });
}
