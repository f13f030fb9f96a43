import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import type { Check } from '../health/checks.ts';
import { EncoderDesk } from '../record/encoders/encoder-desk.ts';
import { VerdictFile } from '../record/encoders/verdict-file.ts';
import { FORGETFUL } from '../record/encoders/verdict-store.ts';
import type { Children } from './children.ts';

export const ENCODERS_FILE = 'encoders.json';

export interface EncoderDeskParts {
  readonly children: Pick<Children, 'caps' | 'queue'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The desk that knows which encoders work. `stateDirectories` is systemd's $STATE_DIRECTORY; without one, what is found
 * out lasts until the end of the process.
 */
export function openEncoders(
  record: Config['record'],
  stateDirectories: string | undefined,
  { children, clock, logger }: EncoderDeskParts,
): EncoderDesk {
  const [folder] = (stateDirectories ?? '').split(':');
  const store = folder ? new VerdictFile(join(folder, ENCODERS_FILE)) : FORGETFUL;
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
