import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, extname } from 'node:path';

export interface Holder {
  readonly pid: number;
  /** The program's short name (/proc/PID/comm); of an interpreter, that of its script: "cambox", not "node". */
  readonly command: string;
}

const INTERPRETERS = /^(node|python[\d.]*|perl|ruby|sh|bash|dash)$/;

/** What a process has open. Unreadable for another user's process, gone for one that just ended: both have nothing. */
async function filesOf(pid: string): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  return new Set(await Promise.all(descriptors.map((fd) => readlink(`${folder}/${fd}`).catch(() => ''))));
}

async function commandOf(pid: string): Promise<string> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const [program = '', ...args] = commandLine.split('\0');
  const script = INTERPRETERS.test(basename(program)) ? args.find((arg) => /^[^-]/.test(arg)) : undefined;
  if (script !== undefined) return basename(script, extname(script));
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '?')).trim();
}

/**
 * Which other processes have these devices open, as fuser(1) finds out, by path as given. Without root it sees only
 * processes of the same user. Never throws.
 */
export async function findHolders(...paths: readonly string[]): Promise<ReadonlyMap<string, readonly Holder[]>> {
  const holders = new Map<string, Holder[]>(paths.map((path) => [path, []]));
  const devices = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    if (Number(pid) === process.pid) continue;
    const files = await filesOf(pid);
    const held = paths.filter((_, i) => files.has(devices[i]!));
    if (held.length === 0) continue;
    const holder = { pid: Number(pid), command: await commandOf(pid) };
    for (const path of held) holders.get(path)?.push(holder);
  }
  return holders;
}
