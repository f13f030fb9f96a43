import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Database } from '../database.ts';
import { putAside } from '../put-aside.ts';
import { STATE_MIGRATIONS } from './state-migrations.ts';

const STATE_OPTIONS = { migrations: STATE_MIGRATIONS, shrink: true };

/**
 * Open or make `state.db`. One that is damaged is put aside and begun anew: what it held (answers to commands, jobs, messages for
 * the fleet) cannot be had from elsewhere, and the box has to go on. Throws as `Database.open`.
 */
export async function openState(path: string, { logger, nowMs }: { logger: Logger; nowMs: number }): Promise<Database> {
  try {
    return await Database.open(path, STATE_OPTIONS);
  } catch (failure) {
    if (!(failure instanceof CamboxError && failure.code === 'bad_input')) throw failure;
    const kept = await putAside(path, nowMs);
    logger.error('state_damaged', { problem: failure.message, kept, instead: 'begun anew' });
    return await Database.open(path, STATE_OPTIONS);
  }
}
