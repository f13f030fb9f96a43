import { Database, type DatabaseOptions } from '../database.ts';
import { CLIP_MIGRATIONS } from './clip-migrations.ts';

/** Open or make `catalog.db`. Throws as `Database.open`. */
export const openCatalog = (path: string, options: Omit<DatabaseOptions, 'migrations'> = {}): Promise<Database> =>
  Database.open(path, { ...options, migrations: CLIP_MIGRATIONS });
