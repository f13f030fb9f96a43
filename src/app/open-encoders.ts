import { tmpdir } from 'node:os';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { StateDatabase } from '../catalog/memory-database.ts';
import type { Config } from '../config/config.ts';
import type { Check } from '../health/checks.ts';
import { EncoderDesk } from '../record/encoders/encoder-desk.ts';
import { StoredVerdicts } from '../record/encoders/stored-verdicts.ts';
import { FORGETFUL } from '../record/encoders/verdict-store.ts';
import type { Children } from './jobs/children.ts';

export interface EncoderDeskParts {
  /** `state.db`; undefined: what is found out lasts until the end of the process. */
  readonly database: StateDatabase | undefined;
  readonly children: Pick<Children, 'caps' | 'queue'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The desk that knows which encoders work. `stateDirectories` is systemd's $STATE_DIRECTORY: there is room for short files. */
export function openEncoders(
  record: Config['record'],
  stateDirectories: string | undefined,
  { children, database, clock, logger }: EncoderDeskParts,
): EncoderDesk {
  const [folder] = (stateDirectories ?? '').split(':');
  const store = database === undefined ? FORGETFUL : new StoredVerdicts(database);
  const { ffmpeg, ffprobe } = record;
  const { caps, queue } = children;
  return new EncoderDesk(
    { ffmpeg, ffprobe, folder: folder || tmpdir() },
    { store, caps, live: queue.live, clock, logger },
  );
}

/** What health says of encoders: those that were given up since the start. */
export const encoderChecks = ({ demotions }: Pick<EncoderDesk, 'demotions'>): readonly Check[] =>
  demotions.map(({ encoder, size, reason }) => ({
    id: `encoder.${encoder}`,
    status: 'warn',
    code: 'encoder_demoted',
    hint: `It failed twice at ${size} (${reason}); clips use the next one. See cambox doctor; a restart tries it again`,
  }));
