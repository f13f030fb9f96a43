import { CamboxError, type ErrorCode } from '../base/errors.ts';
import { errnoName } from '../native/errno.ts';
import { findHolders } from './holders.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly remedy?: string;
}

/** What an errno means when a video device answers with it. */
function meaningOf(name: string): Meaning {
  switch (name) {
    case 'ENODEV':
    case 'ENXIO':
      return { code: 'device_lost', reason: 'the device is gone' };
    case 'ENOSPC':
      return {
        code: 'no_bandwidth',
        reason: 'the USB bus has no bandwidth left for it',
        remedy:
          'Plug it into a port of another USB controller (not of the same hub), or ask this or another camera there for ' +
          'smaller pictures, fewer a second, or MJPG',
      };
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'not_permitted',
        reason: 'this user has no permission',
        remedy: 'Add the user to the group video (usermod -aG video USER)',
      };
    case 'EINVAL':
    case 'ERANGE':
      return { code: 'unsupported', reason: 'the driver refuses the values' };
    case 'ENOTTY':
      return { code: 'unsupported', reason: 'the driver does not have this function' };
    default:
      return { code: 'device_failed', reason: 'the device failed' };
  }
}

/**
 * The error for a call that failed with `errno`: `device_lost`, `device_failed`, `no_bandwidth`, `not_permitted` or
 * `unsupported`.
 */
export function errnoError(verb: string, path: string, errno: number): CamboxError {
  const name = errnoName(errno);
  const { reason, ...meaning } = meaningOf(name);
  return new CamboxError(meaning.code, {
    verb,
    thing: path,
    reason: `${reason} (${name})`,
    ...(meaning.remedy === undefined ? {} : { remedy: meaning.remedy }),
  });
}

/** As `errnoError`, for EBUSY: `device_busy`, naming the programs that have the device open. */
export async function busyError(verb: string, path: string): Promise<CamboxError> {
  const holders = (await findHolders(path)).get(path) ?? [];
  const shown = holders.map(({ pid, command }) => `${command} (pid ${pid})`).join(', ');
  return new CamboxError('device_busy', {
    verb,
    thing: path,
    reason: 'another program is using it (EBUSY)',
    remedy: holders.length > 0 ? `It is open in: ${shown}. Stop that program` : `Find it with: sudo fuser -v ${path}`,
  });
}
