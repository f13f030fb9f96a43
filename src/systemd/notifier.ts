import type { Logger } from '../base/logger.ts';
import { usFromMs } from '../base/units.ts';
import { loadSdNotify, type SdNotify } from '../native/libsystemd.ts';

/**
 * What the service manager is told (sd_notify(3)). All calls are cheap (8 us), never throw, and do nothing when systemd
 * does not listen.
 */
export interface Notifier {
  readonly via: 'libsystemd' | 'systemd-notify' | 'none';
  /** How often to call `watchdog`: half of WatchdogSec=. Undefined: no watchdog is set, or it cannot be fed. */
  readonly watchdogIntervalMs: number | undefined;
  ready(): void;
  /** One line for `systemctl status`. */
  status(text: string): void;
  watchdog(): void;
  /** Be restarted now, as if the watchdog had not been fed (systemd 243); `errno` goes into `systemctl status`. */
  triggerWatchdog(errno: number): void;
  stopping(): void;
  /** Begin of a reload, with the time on CLOCK_MONOTONIC; `ready` ends it. */
  reloading(monotonicUs: number): void;
  /** Starting or stopping may take this much longer, counted from now. */
  extendTimeout(us: number): void;
}

/**
 * Open the way to the service manager that there is: libsystemd; else the npm package systemd-notify, which spawns a
 * program per call and can say READY and STATUS only; else nothing.
 *
 * @param env the process's own environment: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID (libsystemd reads it, too)
 */
export function openNotifier(env: NodeJS.ProcessEnv, logger: Logger, load: () => SdNotify = loadSdNotify): Notifier {
  if (!env['NOTIFY_SOCKET']) return notifier('none', undefined, () => undefined);
  const intervalMs = watchdogIntervalMs(env);
  let sdNotify: SdNotify;
  try {
    sdNotify = load();
  } catch (err) {
    logger.warn('systemd_fallback', {
      err,
      reason: 'libsystemd cannot be loaded: systemd hears READY and STATUS only',
      remedy: intervalMs === undefined ? 'Install libsystemd0' : 'Install libsystemd0, or set WatchdogSec=0',
    });
    return notifier('systemd-notify', undefined, sendThroughProgram(logger));
  }
  let failed = false;
  return notifier('libsystemd', intervalMs, (state) => {
    const reason = sdNotify(lines(state));
    if (reason !== undefined && !failed) logger.warn('systemd_notify_failed', { reason });
    failed = reason !== undefined; // told again only after it has worked
  });
}

/** Half of WATCHDOG_USEC, as sd_watchdog_enabled(3) advises; undefined when it is not meant for this process. */
export function watchdogIntervalMs(env: NodeJS.ProcessEnv): number | undefined {
  const us = Number(env['WATCHDOG_USEC']);
  const pid = env['WATCHDOG_PID'];
  if (!Number.isFinite(us) || us <= 0) return undefined;
  if (pid !== undefined && Number(pid) !== process.pid) return undefined;
  return Math.floor(us / usFromMs(1) / 2);
}

/** The assignments of one notification. */
type State = Readonly<Record<string, string>>;

const lines = (state: State): string =>
  Object.entries(state)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

function notifier(via: Notifier['via'], intervalMs: number | undefined, send: (state: State) => void): Notifier {
  return {
    via,
    watchdogIntervalMs: intervalMs,
    ready: () => send({ READY: '1' }),
    status: (text) => send({ STATUS: text.replaceAll(/\s+/g, ' ') }), // a newline would begin another assignment
    watchdog: () => send({ WATCHDOG: '1' }),
    triggerWatchdog: (errno) => send({ ERRNO: errno.toFixed(0), WATCHDOG: 'trigger' }),
    stopping: () => send({ STOPPING: '1' }),
    reloading: (monotonicUs) => send({ RELOADING: '1', MONOTONIC_USEC: monotonicUs.toFixed(0) }),
    extendTimeout: (us) => send({ EXTEND_TIMEOUT_USEC: us.toFixed(0) }),
  };
}

function sendThroughProgram(logger: Logger): (state: State) => void {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  return ({ READY, STATUS }) => {
    const options = {
      ...(READY === undefined ? {} : { ready: true }),
      ...(STATUS === undefined ? {} : { status: STATUS }),
    };
    if (Object.keys(options).length === 0 || waiting >= MAX_WAITING) return;
    waiting += 1;
    last = last.then(async () => {
      try {
        const { default: notify } = await import('systemd-notify');
        await notify(options);
      } catch (err) {
        logger.warn('systemd_notify_failed', { err });
      } finally {
        waiting -= 1;
      }
    });
  };
}

/** Calls of the program run one after the other, so that the last STATUS stays; more than these are dropped. */
const MAX_WAITING = 8;
