import type { Backoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { asCamboxError, type CamboxError } from '../base/errors.ts';

/** Tells that a device came or went, which makes what failed worth another try before its wait is over. */
export interface Hotplug {
  /** How many changes there have been. */
  readonly changes: number;
  onChange(listener: () => void): Disposable;
}

export interface Supervision {
  /** What is retried, for errors: "camera front". */
  readonly thing: string;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For what runs on a device. */
  readonly hotplug?: Hotplug;
  /** Called at each failure, before the wait. */
  onFailure(error: CamboxError, waitMs: number): void;
}

/**
 * Run something again and again until it ends by itself or the signal is aborted, with growing waits after failures,
 * which a device that comes or goes cuts short. The only place where cambox retries: whatever runs inside just throws. The caller resets the backoff when it goes well.
 */
export async function supervise(runOnce: () => Promise<void>, supervision: Supervision): Promise<void> {
  const { signal, backoff, hotplug } = supervision;
  while (!signal.aborted) {
    const seen = hotplug?.changes;
    try {
      await runOnce();
      return;
    } catch (thrown) {
      if (signal.aborted) return;
      const waitMs = backoff.nextMs();
      supervision.onFailure(asCamboxError(thrown, 'run', supervision.thing), waitMs);
      if (hotplug?.changes === seen) await sleepUntilChange(waitMs, supervision);
      if (hotplug?.changes !== seen) backoff.reset();
    }
  }
}

async function sleepUntilChange(ms: number, { clock, signal, hotplug }: Supervision): Promise<void> {
  const changed = new AbortController();
  using _ = hotplug?.onChange(() => changed.abort());
  await clock.sleep(ms, AbortSignal.any([signal, changed.signal]));
}
