import type { JobKind } from './workload.ts';

/** A kept job as people see it, also when it is over; goes over MQTT as it stands here. */
export interface JobRecord {
  readonly job: string;
  readonly kind: JobKind;
  readonly title: string;
  readonly state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'canceled';
  /** Ids of the requests that asked for it. */
  readonly requests: readonly string[];
  /** Wall-clock labels. */
  readonly accepted_at: string;
  readonly finished_at?: string;
  /** How often it was begun; a stop on purpose does not count. */
  readonly attempts: number;
  readonly waited_ms?: number;
  /** The last time. */
  readonly ran_ms?: number;
  readonly cpu_ms?: number;
  readonly peak_memory_bytes?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly result?: unknown;
  /** There was a result, too long to be kept. */
  readonly result_omitted?: true;
}
