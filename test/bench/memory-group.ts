import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A control group with a memory controller, as the machine has it: of cgroup v1 beside the one that this process is in, of v2
 * under the root. Needs root. Children that join it are charged to it.
 */
export class MemoryGroup implements Disposable {
  readonly version: 1 | 2;
  readonly #dir: string;

  /** Throws the system's error where there is no such controller, or no right to use it. */
  constructor(name: string, limitBytes: number) {
    const own = readFileSync('/proc/self/cgroup', 'utf8');
    const v1 = /^\d+:memory:(.*)$/m.exec(own)?.[1];
    this.version = v1 === undefined ? 2 : 1;
    const parent = v1 === undefined ? '/sys/fs/cgroup' : join('/sys/fs/cgroup/memory', v1);
    this.#dir = join(parent, `cambox-bench-${process.pid}-${name}`);
    mkdirSync(this.#dir);
    writeFileSync(this.#file('memory.limit_in_bytes', 'memory.max'), String(limitBytes));
  }

  joining(program: string, args: readonly string[]): { readonly program: string; readonly args: readonly string[] } {
    return {
      program: 'sh',
      args: ['-c', 'echo $$ >"$0" && exec "$@"', join(this.#dir, 'cgroup.procs'), program, ...args],
    };
  }

  /** The most that was charged, pages of files that were written or read first included. */
  get peakMb(): number {
    return Number(readFileSync(this.#file('memory.max_usage_in_bytes', 'memory.peak'), 'utf8')) / 2 ** 20;
  }

  /** What is held now that the kernel cannot take back: without pages of files. */
  get heldMb(): number {
    const stat = readFileSync(join(this.#dir, 'memory.stat'), 'utf8');
    return Number(/^(?:rss|anon) (\d+)$/m.exec(stat)?.[1]) / 2 ** 20;
  }

  get oomKills(): number {
    const events = readFileSync(this.#file('memory.oom_control', 'memory.events'), 'utf8');
    return Number(/^oom_kill (\d+)$/m.exec(events)?.[1]);
  }

  #file(v1: string, v2: string): string {
    return join(this.#dir, this.version === 1 ? v1 : v2);
  }

  /** All that joined must have ended. */
  [Symbol.dispose](): void {
    rmdirSync(this.#dir);
  }
}
