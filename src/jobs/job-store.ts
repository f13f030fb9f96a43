import type { CamboxError } from '../base/errors.ts';
import type { QueuedKind, Workload } from './workload.ts';

/** A job as it is kept: what it can be done from after a restart. */
export interface KeptJob {
  readonly id: string;
  readonly workload: Workload<QueuedKind>;
  readonly title: string;
  readonly key: string | undefined;
  /** JobSpec.order. */
  readonly order: unknown;
  /** From when it was accepted on. */
  readonly deadlineMs?: number | undefined;
  /** The id of the request that asked for it; undefined when there was none. */
  readonly request: string | undefined;
}

/** What a job came to. */
export interface JobEnd {
  readonly state: 'succeeded' | 'failed' | 'canceled';
  readonly error: CamboxError | undefined;
  /** Plain JSON; also of one that failed in part. */
  readonly result: unknown;
  /** Of its children together, and the most that one of them had; undefined where nobody knows. */
  readonly cpuMs: number | undefined;
  readonly peakBytes: number | undefined;
  /** How long it ran, the last time. */
  readonly ranMs: number;
}

/**
 * Where jobs outlive the process. Every method resolves when the disk has it, in the order of the calls, and never rejects:
 * what cannot be kept is reported by the store, and the job goes on without.
 */
export interface JobStore {
  /** Whether what is kept now outlives the process. */
  readonly lasting: boolean;
  /** The highest of all jobs there ever were. */
  readonly lastNumber: number;
  accept(job: KeptJob): Promise<void>;
  /** One more asks for it. */
  join(id: string, request: string): Promise<void>;
  /** It runs from here on: one more attempt. */
  begin(id: string): Promise<void>;
  /** It was ended by a stop on purpose, which is no attempt: it waits again. */
  putBack(id: string): Promise<void>;
  finish(id: string, end: JobEnd): Promise<void>;
}

/** A job of an earlier run, to be queued again. */
export interface RestoredJob extends Omit<KeptJob, 'order' | 'request'> {
  /** How often it was begun. */
  readonly attempts: number;
  /** How long ago it was accepted. */
  readonly ageMs: number;
}
