import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../config/config.ts';
import { examineCameras } from './cameras.ts';
import { examineDatabases } from './databases.ts';
import { examineEncoders } from './encoders.ts';
import type { Examination } from './finding.ts';
import { examineMachine } from './machine.ts';
import { examineSoftware } from './software.ts';

export interface Patient {
  readonly config: Config;
  /** Where the daemon keeps what it remembers. */
  readonly stateFolder: string;
  readonly clock: Clock;
}

/** Everything that cambox needs on this machine, one finding after the other as they become known. */
export async function* examine({ config, stateFolder, clock }: Patient): Examination {
  yield* examineSoftware(config.record);
  yield* examineMachine(config);
  yield* examineDatabases(config, stateFolder);
  yield* examineCameras(config);
  yield* examineEncoders(config, stateFolder, clock);
}
