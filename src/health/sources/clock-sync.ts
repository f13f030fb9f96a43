import { stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Whether systemd-timesyncd has set the clock since the boot: it touches a file then (systemd-timesyncd.service(8)).
 * Undefined when another program keeps the clock. (adjtimex(2) would tell in general, but ProtectClock= forbids it.)
 */
export async function readClockSync(runRoot: string): Promise<boolean | undefined> {
  const folder = join(runRoot, 'systemd/timesync');
  const exists = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (await exists(join(folder, 'synchronized'))) return true;
  return (await exists(folder)) ? false : undefined;
}
