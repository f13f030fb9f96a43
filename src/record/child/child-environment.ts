/**
 * What systemd gave to the daemon alone. A child that inherited NOTIFY_SOCKET or WATCHDOG_* could speak in the daemon's
 * name (sd_notify(3), sd_watchdog_enabled(3)); one with CREDENTIALS_DIRECTORY could find its secrets.
 */
const OURS_ALONE = ['NOTIFY_SOCKET', 'WATCHDOG_PID', 'WATCHDOG_USEC', 'CREDENTIALS_DIRECTORY'];

/** The environment for a child: the given one without that, and with messages in English, as we read them. */
export function childEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...own, LC_ALL: 'C' };
  for (const name of OURS_ALONE) delete environment[name];
  return environment;
}
