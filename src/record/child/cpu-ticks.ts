import { readFileSync } from 'node:fs';

/**
 * How much processor time a process has used with all its threads, in clock ticks (utime + stime of proc_pid_stat(5));
 * undefined when it is gone. Made up in memory by the kernel: reading it waits for nothing.
 */
export function cpuTicks(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // its name may have blanks and brackets in it; fields 14 and 15 are the 12th and 13th after it
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
