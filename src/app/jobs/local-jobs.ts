import { setPriority } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import { CamboxError } from '../../base/errors.ts';
import { SILENT } from '../../base/logger.ts';
import { readConditions } from '../../jobs/conditions.ts';
import type { JobOutcome, JobSpec } from '../../jobs/job.ts';
import { JobQueue } from '../../jobs/job-queue.ts';
import { LearnedCosts } from '../../jobs/learned-costs.ts';
import type { MemoryCaps } from '../../record/memory/memory-caps.ts';
import { PolledCaps } from '../../record/memory/polled-caps.ts';

export interface LocalJobsOptions {
  /** For cambox and all its children together. */
  readonly memoryMb: number;
  /** So many run at a time. */
  readonly jobs: number;
  /** Ends all of them. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

const MIB = 2 ** 20;
/** What a command itself takes. */
const OWN_MB = 80;
const NICE = 10;
const PROGRESS_MS = 100;
/** A child that wanted more than its cap teaches the next one's; after so many it is hopeless. */
const MOST_TRIES = 5;

/**
 * The queue of jobs for a command that works without the daemon: the same admission by memory, caps by looking twice a
 * second, and the processor time of each child.
 */
export class LocalJobs implements AsyncDisposable {
  readonly caps: MemoryCaps;
  readonly #options: LocalJobsOptions;
  readonly #queue: JobQueue;

  /** The whole command gives way to what else runs: a daemon that records. */
  static open(options: LocalJobsOptions): LocalJobs {
    setPriority(NICE);
    return new LocalJobs(options);
  }

  private constructor(options: LocalJobsOptions) {
    const { clock, jobs, memoryMb } = options;
    this.#options = options;
    this.caps = new PolledCaps(clock, { timed: true });
    const memoryBytes = Math.max(0, memoryMb - OWN_MB) * MIB;
    this.#queue = new JobQueue(
      { memoryBytes, cpu: jobs, liveReserveBytes: 0, queueLength: jobs },
      { clock, logger: SILENT, costs: new LearnedCosts({}, memoryBytes), conditions: readConditions },
    );
  }

  /**
   * Do all of them, as many at a time as may run. `onProgress` hears what part of all is done, 0 to 1. One that was killed
   * for its memory is tried again with more, as far as there is any: `run` is then called again, and goes on where it was.
   */
  async runAll<Result>(
    specs: readonly Omit<JobSpec<Result>, 'key'>[],
    onProgress: (share: number) => void,
  ): Promise<JobOutcome<Result>[]> {
    const shares = specs.map(() => 0);
    const outcomes: JobOutcome<Result>[] = [];
    const tell = (): void => onProgress(shares.reduce((sum, share) => sum + share, 0) / specs.length);
    let next = 0;
    const work = async (): Promise<void> => {
      for (let i = next++; i < specs.length; i = next++) {
        outcomes[i] = await this.#persist(specs[i]!, (share) => {
          shares[i] = Math.max(shares[i]!, share);
          tell();
        });
        shares[i] = 1;
        tell();
      }
    };
    await Promise.all(Array.from({ length: this.#options.jobs }, work));
    return outcomes;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#queue[Symbol.asyncDispose]();
  }

  async #persist<Result>(
    spec: Omit<JobSpec<Result>, 'key'>,
    onProgress: (share: number) => void,
  ): Promise<JobOutcome<Result>> {
    for (let tries = 1; ; tries++) {
      const outcome = await this.#once(spec, onProgress);
      const wantsMore = !outcome.ok && outcome.error.code === 'resource_limit' && tries < MOST_TRIES;
      if (!wantsMore) return outcome;
    }
  }

  #refusal(error: CamboxError): CamboxError {
    if (error.code !== 'resource_limit') return error;
    const { memoryMb } = this.#options;
    return new CamboxError('resource_limit', {
      verb: 'start',
      thing: 'ffmpeg',
      reason: `it would need more memory than there is`,
      received: `${memoryMb} MB`,
      remedy: `Give it more: --memory-mb ${memoryMb + 256}`,
      cause: error,
    });
  }

  async #once<Result>(
    spec: Omit<JobSpec<Result>, 'key'>,
    onProgress: (share: number) => void,
  ): Promise<JobOutcome<Result>> {
    const { signal, clock } = this.#options;
    if (signal.aborted) return { ok: false, error: interrupted(spec.title) };
    const job = this.#queue.submit({ ...spec, key: undefined });
    if (job instanceof CamboxError) return { ok: false, error: this.#refusal(job) };
    const leave = (): void => void this.#queue.cancel(job.id, 'the command was told to end');
    signal.addEventListener('abort', leave, { once: true });
    let cancel = clock.after(PROGRESS_MS, function look(): void {
      onProgress(job.view().progress);
      cancel = clock.after(PROGRESS_MS, look);
    });
    const outcome = await job.done;
    cancel();
    signal.removeEventListener('abort', leave);
    return signal.aborted && !outcome.ok ? { ok: false, error: interrupted(spec.title) } : outcome;
  }
}

const interrupted = (title: string): CamboxError =>
  new CamboxError('interrupted', { verb: 'finish', thing: title, reason: 'the command was told to end' });
