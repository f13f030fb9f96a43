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
  readonly deadlineMs: number | undefined;
  run(context: JobContext): Promise<Result>;
}

export interface JobContext {
  /** Unique while the daemon runs; good for names of files. */
  readonly id: string;
  /** Aborted with a CamboxError: `canceled`, `timed_out`, `interrupted` (shutdown). */
  readonly signal: AbortSignal;
  /** The memory cap for the child. */
  readonly capBytes: number;
  /** How far it is, 0 to 1. */
  progress(share: number): void;
  /** What a child needed: the next job of this workload is expected to need the same. */
  learn(use: MeasuredUse): void;
}

/** How a job ended. Errors: what `run` threw, or `canceled`, `timed_out`, `interrupted`, `resource_limit`. */
export type JobOutcome<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: CamboxError };

/** What one requester holds of a job. Several may hold the same job (JobSpec.key). */
export interface Job<Result> {
  readonly id: string;
  /** Settles exactly once; never rejects. */
  readonly done: Promise<JobOutcome<Result>>;
  view(): JobView;
  /** Called when the job starts and when its progress changes. */
  onChange(listener: () => void): void;
  /** This requester no longer wants it: its `done` is `canceled` at once, and the job ends when nobody wants it. */
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
