import { join } from 'node:path';
import { CamboxError } from '../../base/errors.ts';
import { CLIP_MIGRATIONS } from '../../catalog/clips/clip-migrations.ts';
import { DatabaseReader } from '../../catalog/database-reader.ts';
import { STATE_MIGRATIONS } from '../../catalog/state/state-migrations.ts';
import type { Config } from '../../config/config.ts';
import { CATALOGUE_FILE } from '../../record/archive/clip-archive.ts';
import { STATE_FILE } from '../box-state.ts';
import { type Examination, type Finding, fail, findingOf, ok } from './finding.ts';

/** The catalogue of clips, and what the service remembers: there, of our schema, whole. A daemon may run. */
export async function* examineDatabases({ record }: Config, stateFolder: string): Examination {
  yield examineDatabase('catalogue', join(record.dir, CATALOGUE_FILE), CLIP_MIGRATIONS);
  yield examineDatabase('state', join(stateFolder, STATE_FILE), STATE_MIGRATIONS);
}

function examineDatabase(id: string, path: string, migrations: readonly string[]): Finding {
  try {
    using reader = DatabaseReader.open(path, migrations);
    const fault = reader.read(() => reader.fault());
    if (fault === undefined) return ok(id, `${path} is whole`);
    return fail(id, `${path} is damaged: ${fault}`, 'Check the disk and restart cambox: it is put aside and made anew');
  } catch (thrown) {
    if (thrown instanceof CamboxError && thrown.code === 'not_found') {
      return ok(id, `${path} is not there: the service makes it when it starts`);
    }
    return findingOf(id, thrown instanceof CamboxError && thrown.code === 'bad_input' ? 'fail' : 'warn', thrown);
  }
}
