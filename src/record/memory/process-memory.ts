import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a process has of its own: without the files it has mapped, which it shares with all other ffmpegs. */
const OWN_MEMORY = /^Rss(?:Anon|Shmem):\s*(\d+) kB/gm;
/** A child starts nothing or little; the walk ends here whatever it does. */
const MOST_PROCESSES = 64;

/**
 * The memory of a process and of all that it has started, in bytes (proc_pid_status(5)); 0 when it is gone.
 *
 * @param procRoot `/proc`; a test's own tree
 */
export async function processMemory(pid: number, procRoot = '/proc'): Promise<number> {
  const pids = [pid];
  let bytes = 0;
  for (let i = 0; i < pids.length && i < MOST_PROCESSES; i++) {
    const folder = join(procRoot, String(pids[i]));
    const status = await read(join(folder, 'status'));
    for (const [, kilobytes] of status.matchAll(OWN_MEMORY)) bytes += Number(kilobytes) * 1024;
    const children = await read(join(folder, 'task', String(pids[i]), 'children'));
    pids.push(...children.split(' ').filter(Boolean).map(Number));
  }
  return bytes;
}

/** A process may end at any time; then it needs nothing. */
const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
