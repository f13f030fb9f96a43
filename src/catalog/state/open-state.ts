import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Database } from '../database.ts';
import { putAside } from '../put-aside.ts';
import { STATE_MIGRATIONS } from './state-migrations.ts';

export interface OpenedState {
  readonly database: Database;
  /** It was damaged, and was begun anew. */
  readonly isAnew: boolean;
}

/**
 * Open or make `state.db`. One that is damaged is put aside and begun anew: what it held (answers to commands, jobs, messages for
 * the fleet) cannot be had from elsewhere, and the box has to go on. Throws as `Database.open`.
 */
export async function openState(
  path: string,
  { logger, nowMs }: { readonly logger: Logger; readonly nowMs: number },
): Promise<OpenedState> {
  try {
    return { database: await beginState(path), isAnew: false };
  } catch (failure) {
    if (!(failure instanceof CamboxError && failure.code === 'bad_input')) throw failure;
    const kept = await putAside(path, nowMs);
    logger.error('state_damaged', { problem: failure.message, kept, instead: 'begun anew' });
    return { database: await beginState(path), isAnew: true };
  }
}

/** The same, without help when it is damaged. */
export const beginState = (path: string): Promise<Database> =>
  Database.open(path, { migrations: STATE_MIGRATIONS, shrink: true });
