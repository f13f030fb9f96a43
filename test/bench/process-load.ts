import { readdirSync, readFileSync } from 'node:fs';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';

/** What a running process used over a while. */
export interface ProcessLoad {
  /** CPU time of all its threads, user and system, in percent of one core. */
  readonly cpuPct: number;
  /** Resident memory at the end, in megabytes, shared pages included. */
  readonly rssMb: number;
}

/** Watch a process for `forMs`. */
export async function loadOf(pid: number, forMs: number): Promise<ProcessLoad> {
  const [cpuBefore, before] = [cpuMsOfThreads(pid), performance.now()];
  await SYSTEM_CLOCK.sleep(forMs);
  const [cpuAfter, after] = [cpuMsOfThreads(pid), performance.now()];
  return { cpuPct: ((cpuAfter - cpuBefore) / (after - before)) * 100, rssMb: rssMb(pid) };
}

/** VmRSS of proc_pid_status(5). */
export function rssMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** Nanoseconds on a CPU, the first column of schedstat: the ticks in `stat` are too coarse for one percent. */
export function cpuMsOfThreads(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ', 1)[0]));
  return times.reduce((sum, ns) => sum + ns, 0) / 1e6;
}
