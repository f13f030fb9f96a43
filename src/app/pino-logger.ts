import { destination, type Logger as Pino, pino } from 'pino';
import type { Logger } from '../base/logger.ts';

const FILE_DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

/** JSON lines, written at once (journald keeps them): `{"level":"info","time":…,"event":"camera_streaming",…}`. */
export function openLogger(to: 'stdout' | 'stderr', level: string): Logger {
  const options = {
    level,
    base: null,
    messageKey: 'event',
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return adapt(pino(options, destination({ dest: FILE_DESCRIPTORS[to], sync: true })));
}

function adapt(logger: Pino): Logger {
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
    child: (fields) => adapt(logger.child(fields)),
  };
}
