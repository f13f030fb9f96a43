import type { CamboxError } from '../base/errors.ts';
import type { MeasuredUse } from './learned-costs.ts';
import type { JobKind, QueuedKind, Workload } from './workload.ts';

/**
 * A piece of work for the queue: what it needs, and how it is done.
 *
 * `run` begins when there is room for its workload, and starts one child at a time under `context.capBytes`. What it
 * throws is the outcome `failed`. It ends soon after `context.signal` is aborted.
 */
export interface JobSpec<Result> {
  readonly workload: Workload<QueuedKind>;
  /** For people: `cut 20261120t180400z-front-3f9a1c`. */
  readonly title: string;
  /** Jobs with the same key do the same: one runs, and all who asked get its result. Undefined: alone. */
  readonly key: string | undefined;
  /** So long after it was submitted it ends as `timed_out`, at the latest; undefined: whenever it is done. */
  readonly deadlineMs?: number | undefined;
  /**
   * What the job can be made of anew after a restart: plain JSON. With it the job is kept by the queue's `JobStore`, and done
   * whether anybody still waits for it or not. Undefined: it ends with the process, or when nobody wants it any more.
   */
  readonly order?: unknown;
  run(context: JobContext): Promise<Result>;
  /** Why a result is a failure all the same; undefined when it is none. */
  fault?(result: Result): CamboxError | undefined;
}

export interface JobContext {
  /** `job-12`; unique as long as there is a `JobStore`, else while the daemon runs. */
  readonly id: string;
  /** 1, or more when it was begun before and a crash or a power cut ended it: what is made already need not be made again. */
  readonly attempt: number;
  /** Aborted with a CamboxError: `canceled`, `timed_out`, `interrupted` (shutdown). */
  readonly signal: AbortSignal;
  /** The memory cap for the child. */
  readonly capBytes: number;
  /** How far it is, 0 to 1. */
  progress(share: number): void;
  /** What a child needed: the next job of this workload is expected to need the same. */
  learn(use: MeasuredUse): void;
}

/** How a job ended. Errors: what `run` threw, its `fault` (with the result), or `canceled`, `timed_out`, `interrupted`, `resource_limit`. */
export type JobOutcome<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: CamboxError; readonly result?: Result };

/** What one requester holds of a job. Several may hold the same job (JobSpec.key). */
export interface Job<Result> {
  readonly id: string;
  /** Settles exactly once; never rejects. */
  readonly done: Promise<JobOutcome<Result>>;
  /** Resolves when the job outlives a power cut; never rejects. Undefined when it is not kept. */
  readonly stored: Promise<void> | undefined;
  /** Whether it is done after a restart, too, as far as is known now. */
  readonly lasting: boolean;
  view(): JobView;
  /** Called when the job starts and when its progress changes. */
  onChange(listener: () => void): void;
  /** This requester no longer wants it: its `done` is `canceled` at once, and a job that is not kept ends when nobody wants it. */
  leave(): void;
}

/** A job as people see it; goes over MQTT as it stands here. */
export interface JobView {
  readonly job: string;
  readonly kind: JobKind;
  readonly title: string;
  readonly state: 'waiting' | 'running';
  /** 0 to 1. */
  readonly progress: number;
  /** Since it was submitted, and since it started. */
  readonly age_ms: number;
  readonly running_ms: number;
  readonly memory_bytes: number;
  /** Those who wait for its result. */
  readonly requesters: number;
}
