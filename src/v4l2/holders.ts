import { readdir, readFile, readlink, realpath } from 'node:fs/promises';

export interface Holder {
  readonly pid: number;
  /** The program's short name (/proc/PID/comm). */
  readonly command: string;
}

async function hasOpen(pid: string, path: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  // Unreadable for another user's process, gone for one that just ended: both count as not holding it.
  const descriptors = await readdir(folder).catch(() => []);
  for (const descriptor of descriptors) {
    if ((await readlink(`${folder}/${descriptor}`).catch(() => '')) === path) return true;
  }
  return false;
}

/**
 * Which other processes have the device open, as fuser(1) finds out. Without root it sees only processes of the same
 * user. Never throws.
 */
export async function findHolders(path: string): Promise<Holder[]> {
  const device = await realpath(path).catch(() => path);
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const holders: Holder[] = [];
  for (const pid of processes) {
    if (Number(pid) === process.pid || !(await hasOpen(pid, device))) continue;
    const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '?');
    holders.push({ pid: Number(pid), command: command.trim() });
  }
  return holders;
}
