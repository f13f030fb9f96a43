import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf, keyedNumbers, readControl, writeControl, writeControlIfThere } from './control-files.ts';

export interface GroupCaps {
  /** memory.max: at this the kernel kills. */
  readonly memoryBytes: number;
  /** pids.max: processes and threads together. */
  readonly pids: number;
  /** cpu.weight, 1 to 10000; 100 is usual. */
  readonly cpuWeight: number;
}

/** How a group stands now. What this kernel does not tell is undefined. */
export interface GroupReading {
  /** memory.current: all that it is charged with, pages of files it read or wrote first included. */
  readonly chargedBytes: number | undefined;
  /** memory.peak (Linux 5.19): the most that was. */
  readonly peakBytes: number | undefined;
  /** Of that, what the kernel cannot take back by itself: without pages of files. */
  readonly heldBytes: number | undefined;
  readonly cpuMs: number | undefined;
  /** Its processes that were killed for memory, and whether the reason was its own cap. */
  readonly oomKills: number;
  readonly hitCap: boolean;
}

/** A killed process is gone in milliseconds, unless a disk holds it. */
const REMOVE_TRIES = 40;
const REMOVE_WAIT_MS = 25;
/** Moves the shell into the group, then becomes the program: what is charged before does not move with a process. */
const JOIN_THEN_EXEC = 'echo $$ >"$0" && exec "$@"';

/** A control group for one child and whatever it starts (cgroup v2: Documentation/admin-guide/cgroup-v2.rst). */
export class ChildGroup {
  readonly dir: string;

  /** Make it. Throws the system's error; then nothing is left. */
  static async make(parent: string, name: string, caps: GroupCaps): Promise<ChildGroup> {
    const dir = join(parent, name);
    await mkdir(dir);
    try {
      const { memoryBytes } = caps;
      await writeControl(join(dir, 'memory.max'), memoryBytes);
      await writeControl(join(dir, 'memory.oom.group'), 1);
      await writeControlIfThere(join(dir, 'memory.swap.max'), 0);
      await writeControlIfThere(join(dir, 'pids.max'), caps.pids);
      await writeControlIfThere(join(dir, 'cpu.weight'), caps.cpuWeight);
    } catch (failure) {
      await rmdir(dir);
      throw failure;
    }
    return new ChildGroup(dir);
  }

  constructor(dir: string) {
    this.dir = dir;
  }

  /** What to start in place of `program` (a path), so that it is in the group before it allocates anything. */
  joining(program: string, args: readonly string[]): { readonly program: string; readonly args: readonly string[] } {
    return { program: '/bin/sh', args: ['-c', JOIN_THEN_EXEC, join(this.dir, 'cgroup.procs'), program, ...args] };
  }

  async read(): Promise<GroupReading> {
    const read = (file: string): Promise<string | undefined> => readControl(join(this.dir, file));
    const [current, peak, stat, events, cpu] = await Promise.all(
      ['memory.current', 'memory.peak', 'memory.stat', 'memory.events', 'cpu.stat'].map(read),
    );
    const chargedBytes = numberOf(current);
    const pages = keyedNumbers(stat ?? '');
    const reclaimable = ['inactive_file', 'active_file', 'slab_reclaimable'].map((key) => pages.get(key) ?? 0);
    const kills = keyedNumbers(events ?? '');
    const cpuUs = keyedNumbers(cpu ?? '').get('usage_usec');
    return {
      chargedBytes,
      peakBytes: numberOf(peak),
      heldBytes:
        chargedBytes === undefined
          ? undefined
          : reclaimable.reduce((left, bytes) => Math.max(0, left - bytes), chargedBytes),
      cpuMs: cpuUs === undefined ? undefined : Math.round(cpuUs / 1000),
      oomKills: kills.get('oom_kill') ?? 0,
      // `oom` counts what came from this group's own limit; a kill without it came from a limit above, or the machine
      hitCap: (kills.get('oom') ?? 0) > 0,
    };
  }

  /** End whatever is left in it and remove it; false when something in it does not end. Never throws. */
  async remove(): Promise<boolean> {
    for (let attempt = 0; attempt < REMOVE_TRIES; attempt++) {
      try {
        await rmdir(this.dir);
        return true;
      } catch (failure) {
        if (errnoOf(failure) === 'ENOENT') return true;
        if (errnoOf(failure) !== 'EBUSY') return false;
      }
      await this.#kill();
      await sleep(REMOVE_WAIT_MS);
    }
    return false;
  }

  async #kill(): Promise<void> {
    try {
      await writeControl(join(this.dir, 'cgroup.kill'), 1);
    } catch {
      // before Linux 5.14; what is started meanwhile is found at the next attempt
      const procs = (await readControl(join(this.dir, 'cgroup.procs'))) ?? '';
      for (const pid of procs.split('\n').filter((line) => line !== '')) killQuietly(Number(pid));
    }
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
