import { examineCameras } from './cameras.ts';
import { examineDatabases } from './databases.ts';
import { examineEncoders } from './encoders.ts';
import type { Examination } from './finding.ts';
import { examineMachine } from './machine.ts';
import type { Patient } from './patient.ts';
import { examineSoftware } from './software.ts';

/** Everything that cambox needs on this machine, one finding after the other as they become known. */
export async function* examine(patient: Patient): Examination {
  const { config, stateFolder } = patient;
  yield* examineSoftware(config.record);
  yield* examineMachine(config);
  yield* examineDatabases(config, stateFolder);
  yield* examineCameras(config);
  yield* examineEncoders(patient);
}
