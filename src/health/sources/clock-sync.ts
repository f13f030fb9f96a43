import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isClockDisciplined } from '../../native/kernel-clock.ts';

/**
 * Whether the wall clock has been brought to the right time since the boot: as systemd-timesyncd says, which touches a file then
 * (systemd-timesyncd.service(8)), or as the kernel does, whoever keeps the clock. Undefined when neither tells.
 *
 * @param ask for tests: another kernel
 */
export async function readClockSync(runRoot: string, ask = isClockDisciplined): Promise<boolean | undefined> {
  const folder = join(runRoot, 'systemd/timesync');
  const exists = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  if (await exists(join(folder, 'synchronized'))) return true;
  return ask() ?? ((await exists(folder)) ? false : undefined);
}
