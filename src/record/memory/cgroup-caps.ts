import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ChildGroup, GroupReading } from '../../systemd/cgroup/child-group.ts';
import type { Delegation } from '../../systemd/cgroup/delegation.ts';
import type { ChildCaps, ChildPlace, MemoryCaps, MemorySoFar, MemoryUse } from './memory-caps.ts';
import { Sampler } from './sampler.ts';

/** ffmpeg starts some threads, never another program. */
const MOST_PIDS = 64;

/** A control group of its own for every child: the kernel holds the cap. */
export class CgroupCaps implements MemoryCaps {
  readonly method = 'cgroup';
  readonly #delegation: Delegation;
  /** For a child whose group could not be made. */
  readonly #fallback: MemoryCaps;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(delegation: Delegation, fallback: MemoryCaps, clock: Clock, logger: Logger) {
    this.#delegation = delegation;
    this.#fallback = fallback;
    this.#clock = clock;
    this.#logger = logger;
  }

  async place(caps: ChildCaps): Promise<ChildPlace> {
    try {
      const group = await this.#delegation.makeChild({ ...caps, pids: MOST_PIDS });
      return new CgroupPlace(group, caps.memoryBytes, this.#clock, this.#logger);
    } catch (failure) {
      this.#logger.warn('cgroup_failed', { error: (failure as Error).message, instead: this.#fallback.method });
      return this.#fallback.place(caps);
    }
  }
}

class CgroupPlace implements ChildPlace {
  readonly #group: ChildGroup;
  readonly #capBytes: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #sampler: Sampler | undefined;
  #peakBytes = 0;
  #heldBytes = 0;
  #use: Promise<MemoryUse> | undefined;

  constructor(group: ChildGroup, capBytes: number, clock: Clock, logger: Logger) {
    this.#group = group;
    this.#capBytes = capBytes;
    this.#clock = clock;
    this.#logger = logger;
  }

  command(program: string, args: readonly string[]): { program: string; args: readonly string[] } {
    return this.#group.joining(program, args);
  }

  watch(): void {
    this.#sampler = new Sampler(this.#clock, async () => this.#note(await this.#group.read()));
  }

  get soFar(): MemorySoFar {
    return { capBytes: this.#capBytes, peakBytes: this.#peakBytes, heldBytes: this.#heldBytes };
  }

  close(): Promise<MemoryUse> {
    this.#use ??= this.#close();
    return this.#use;
  }

  #note({ peakBytes, chargedBytes, heldBytes }: GroupReading): void {
    this.#peakBytes = Math.max(this.#peakBytes, peakBytes ?? chargedBytes ?? 0);
    this.#heldBytes = Math.max(this.#heldBytes, heldBytes ?? 0);
  }

  async #close(): Promise<MemoryUse> {
    await this.#sampler?.stop();
    const reading = await this.#group.read();
    this.#note(reading);
    if (!(await this.#group.remove())) this.#logger.warn('cgroup_not_removed', { path: this.#group.dir });
    const { cpuMs, oomKills, hitCap } = reading;
    return {
      by: 'cgroup',
      capBytes: this.#capBytes,
      peakBytes: this.#peakBytes,
      heldBytes: this.#heldBytes,
      cpuMs,
      killed: oomKills === 0 ? undefined : hitCap ? 'over_cap' : 'no_memory_left',
    };
  }
}
