import { errnoName } from './errno.ts';
import { loadLibrary } from './koffi.ts';

/**
 * sd_notify(3) of libsystemd: sends to the socket named in this process's own NOTIFY_SOCKET. Returns what went wrong, or undefined.
 */
export type SdNotify = (state: string) => string | undefined;

/** Opens libsystemd. Throws `missing_library`. */
export function loadSdNotify(): SdNotify {
  const sdNotify = loadLibrary('libsystemd.so.0', 'libsystemd0').func('int sd_notify(int, const char *)');
  return (state) => {
    // > 0: sent; 0: NOTIFY_SOCKET is not set; < 0: a negative errno
    const result = sdNotify(0, state) as number;
    if (result > 0) return undefined;
    return result === 0 ? 'NOTIFY_SOCKET is not set' : errnoName(-result);
  };
}
