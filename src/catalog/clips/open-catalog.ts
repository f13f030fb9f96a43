import { Database, type DatabaseOptions } from '../database.ts';
import type { DatabaseRemedies } from '../database-error.ts';
import { CLIP_MIGRATIONS } from './clip-migrations.ts';

export const CATALOG_REMEDIES: DatabaseRemedies = {
  full: 'Delete clips: cambox clips rm',
  anew: 'made anew from the clips',
};

/** Open or make `catalog.db`. Throws as `Database.open`. */
export const openCatalog = (path: string, options: Omit<DatabaseOptions, 'migrations'> = {}): Promise<Database> =>
  Database.open(path, { ...options, migrations: CLIP_MIGRATIONS, remedies: CATALOG_REMEDIES });
