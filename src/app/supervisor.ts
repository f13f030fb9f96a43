import type { Backoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { asCamboxError, type CamboxError } from '../base/errors.ts';

export interface Supervision {
  /** What is retried, for errors: "stream front to 10.0.0.5:5004". */
  readonly thing: string;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called at each failure, before the wait. */
  onFailure(error: CamboxError, waitMs: number): void;
}

/**
 * Run something again and again until it ends by itself or the signal is aborted, with growing waits after failures.
 * Cameras need more than that, and have their keeper (recovery/camera-keeper.ts); all else that is retried is retried
 * here: what runs inside just throws. The caller resets the backoff when it goes well.
 */
export async function supervise(runOnce: () => Promise<void>, supervision: Supervision): Promise<void> {
  const { signal, backoff, clock } = supervision;
  while (!signal.aborted) {
    try {
      await runOnce();
      return;
    } catch (thrown) {
      if (signal.aborted) return;
      const waitMs = backoff.nextMs();
      supervision.onFailure(asCamboxError(thrown, 'run', supervision.thing), waitMs);
      await clock.sleep(waitMs, signal);
    }
  }
}
