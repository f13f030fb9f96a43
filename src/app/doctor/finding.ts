import { asCamboxError } from '../../base/errors.ts';

/** One line of what the doctor found. `remedy` stands with everything that is not ok. */
export interface Finding {
  /** Stable: `ffmpeg`, `encoder.libx264`. */
  readonly id: string;
  /** `warn`: it works, and something is missing or slower than it could be. `fail`: a part of the job cannot be done. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly says: string;
  readonly remedy?: string;
}

/** A part of the examination. Never throws: what goes wrong is a finding. */
export type Examination = AsyncIterable<Finding>;

export const ok = (id: string, says: string): Finding => ({ id, status: 'ok', says });
export const warn = (id: string, says: string, remedy: string): Finding => ({ id, status: 'warn', says, remedy });
export const fail = (id: string, says: string, remedy: string): Finding => ({ id, status: 'fail', says, remedy });

/** What an error says, as a finding of this status. */
export function findingOf(id: string, status: 'warn' | 'fail', thrown: unknown): Finding {
  const { message, remedy } = asCamboxError(thrown, 'examine', id);
  const says = remedy === undefined ? message : message.replace(`. ${remedy}`, '');
  return { id, status, says, remedy: remedy ?? 'Run cambox doctor again; if it stays so, report it' };
}
