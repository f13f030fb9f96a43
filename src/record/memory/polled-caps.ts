import { setPriority } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import { timedByShell } from '../child/shell-times.ts';
import type { ChildCaps, ChildPlace, MemoryCaps, MemorySoFar, MemoryUse } from './memory-caps.ts';
import { processCpuMs } from './process-cpu.ts';
import { processMemory } from './process-memory.ts';
import { Sampler } from './sampler.ts';

/** The weight that others have without control groups. */
const USUAL_WEIGHT = 100;
const BACKGROUND_NICE = 10;

/**
 * Where there are no control groups: looks at what each child has, up to twenty times a second at first and twice a second
 * later, and kills one that has more than its cap. What it takes between two looks is not prevented.
 */
export class PolledCaps implements MemoryCaps {
  readonly method = 'rss_poll';
  readonly #clock: Clock;
  readonly #timed: boolean;

  /** `timed`: children tell at the end of their stderr what they used of the processor (`shell-times.ts`). */
  constructor(clock: Clock, { timed = false }: { readonly timed?: boolean } = {}) {
    this.#clock = clock;
    this.#timed = timed;
  }

  async place(caps: ChildCaps): Promise<ChildPlace> {
    return new PolledPlace(caps, this.#clock, this.#timed);
  }
}

class PolledPlace implements ChildPlace {
  readonly #caps: ChildCaps;
  readonly #clock: Clock;
  readonly #timed: boolean;
  #sampler: Sampler | undefined;
  #peakBytes = 0;
  #cpuMs: number | undefined;
  #killed = false;

  constructor(caps: ChildCaps, clock: Clock, timed: boolean) {
    this.#caps = caps;
    this.#clock = clock;
    this.#timed = timed;
  }

  command(program: string, args: readonly string[]): { program: string; args: readonly string[] } {
    return this.#timed ? timedByShell(program, args) : { program, args };
  }

  watch(pid: number, kill: () => void): void {
    if (this.#caps.cpuWeight < USUAL_WEIGHT) niceQuietly(pid);
    this.#sampler = new Sampler(this.#clock, async () => {
      const [bytes, cpuMs] = await Promise.all([processMemory(pid), processCpuMs(pid)]);
      this.#cpuMs = cpuMs ?? this.#cpuMs;
      this.#peakBytes = Math.max(this.#peakBytes, bytes);
      if (this.#killed || bytes <= this.#caps.memoryBytes) return;
      this.#killed = true;
      kill();
    });
  }

  get soFar(): MemorySoFar {
    return { capBytes: this.#caps.memoryBytes, peakBytes: this.#peakBytes, heldBytes: this.#peakBytes };
  }

  async close(): Promise<MemoryUse> {
    await this.#sampler?.stop();
    return {
      by: 'rss_poll',
      capBytes: this.#caps.memoryBytes,
      peakBytes: this.#peakBytes,
      heldBytes: this.#peakBytes,
      cpuMs: this.#timed ? undefined : this.#cpuMs,
      killed: this.#killed ? 'over_cap' : undefined,
    };
  }
}

function niceQuietly(pid: number): void {
  try {
    setPriority(pid, BACKGROUND_NICE);
  } catch {
    // it has ended already
  }
}
