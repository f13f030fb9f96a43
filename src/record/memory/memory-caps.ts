/** How children are kept within their memory: by the kernel, or by looking at them and killing. */
export type CapMethod = 'cgroup' | 'rss_poll';

/** What a child needed, and whether it was ended for it. */
export interface MemoryUse {
  readonly by: CapMethod;
  readonly capBytes: number;
  /**
   * The most it had: by `cgroup` all that it was charged with, pages of the files it wrote included (the kernel takes those
   * back when the cap is near); by `rss_poll` what was seen of its own memory.
   */
  readonly peakBytes: number;
  /** The most of that which could not be taken back, as far as it was seen. */
  readonly heldBytes: number;
  /** User and system; by `rss_poll` when it was last looked at, up to half a second before its end. */
  readonly cpuMs: number | undefined;
  /** It was killed: as it wanted more than its cap, or as the whole service or machine had no memory left. */
  readonly killed: 'over_cap' | 'no_memory_left' | undefined;
}

/** What a child has needed up to now, as far as it was seen. */
export type MemorySoFar = Pick<MemoryUse, 'capBytes' | 'peakBytes' | 'heldBytes'>;

export interface ChildCaps {
  readonly memoryBytes: number;
  /** Of the processor, against the others: 100 is usual, the daemon has 1000. */
  readonly cpuWeight: number;
}

/** Where one child runs under its cap: made before it starts, closed when it is gone. */
export interface ChildPlace {
  /** What to start in place of the program (a path). */
  command(program: string, args: readonly string[]): { readonly program: string; readonly args: readonly string[] };
  /** It runs. `kill` ends it at once, with whatever it has started. */
  watch(pid: number, kill: () => void): void;
  readonly soFar: MemorySoFar;
  /** It is gone. Ends what it has left behind, and tells what it needed. Never throws; idempotent. */
  close(): Promise<MemoryUse>;
}

/** Gives every child a place. */
export interface MemoryCaps {
  readonly method: CapMethod;
  /** Never throws: where one way fails there is the other. */
  place(caps: ChildCaps): Promise<ChildPlace>;
}
