import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';

/** A node younger than this may still be in udev's hands, which has much to do while a machine starts. */
const FRESH_MS = 5000;
const LOOK_EVERY_MS = 10;

/** Whether this user may not read and write a file that is there. Another one is for tests: root may always. */
export type RefusalTest = (path: string) => Promise<boolean>;

/**
 * Wait until a node that has only just appeared may be opened by this user: the kernel makes it for root alone, and udev
 * sets owner and mode some milliseconds later. Returns at once in every other case, and after five seconds at the latest;
 * what is wrong then, opening it tells. Never throws.
 */
export async function waitForPermission(path: string, clock: Clock, isRefused: RefusalTest = refusesUs): Promise<void> {
  while ((await isRefused(path)) && (await isFresh(path, clock))) await clock.sleep(LOOK_EVERY_MS);
}

async function refusesUs(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return false;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EACCES';
  }
}

/** By the time that the node was made or changed. A clock that was set meanwhile may deny it, which costs one retry. */
async function isFresh(path: string, clock: Clock): Promise<boolean> {
  const made = await stat(path).catch(() => undefined);
  return made !== undefined && Math.abs(clock.wall() - made.ctimeMs) < FRESH_MS;
}
