import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** USER_HZ of proc_pid_stat(5): 100 on every Linux that Node runs on. */
const TICK_MS = 10;
/** utime and stime, counted behind the name, which may hold anything. */
const [UTIME, STIME] = [11, 12];

/**
 * The processor time of a process so far, user and system, in milliseconds; undefined when it is gone.
 *
 * @param procRoot `/proc`; a test's own tree
 */
export async function processCpuMs(pid: number, procRoot = '/proc'): Promise<number | undefined> {
  const stat = await readFile(join(procRoot, String(pid), 'stat'), 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[UTIME]) + Number(fields[STIME]);
  return Number.isFinite(ticks) ? ticks * TICK_MS : undefined;
}
