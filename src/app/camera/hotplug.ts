import type { Clock } from '../../base/clock.ts';

/** Tells that a device came or went, which makes what failed worth another try before its wait is over. */
export interface Hotplug {
  /** How many changes there have been. */
  readonly changes: number;
  onChange(listener: () => void): Disposable;
}

/** Wait for so long, or until a device comes or goes: also one that did since `seen` changes were counted. */
export async function sleepUntilChange(
  ms: number,
  { hotplug, seen, clock, signal }: { hotplug: Hotplug; seen: number; clock: Clock; signal: AbortSignal },
): Promise<void> {
  if (hotplug.changes !== seen) return;
  const changed = new AbortController();
  using _ = hotplug.onChange(() => changed.abort());
  await clock.sleep(ms, AbortSignal.any([signal, changed.signal]));
}
