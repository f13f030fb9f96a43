import type { CamboxError, ErrorCode } from '../base/errors.ts';

/**
 * Every state a command goes through: `rejected` alone, or `accepted`, any number of `in_progress`, then one of
 * `succeeded`, `failed`, `timed_out`, `canceled`.
 */
export type CommandStatus = 'accepted' | 'in_progress' | 'succeeded' | 'failed' | 'rejected' | 'timed_out' | 'canceled';

export interface ErrorBody {
  readonly code: ErrorCode;
  /** For people: what was tried, why it did not work, what was received, what to do. */
  readonly message: string;
  /** JSON pointer into the request (RFC 6901), when one part of it is at fault. */
  readonly pointer?: string;
  /** True when the same request may well succeed a little later. */
  readonly retryable: boolean;
  /** With `busy`: when there may be room. Everybody who is refused gets a time of his own. */
  readonly retry_after_ms?: number;
}

/** One state change of a command, as it goes over MQTT (`res/<name>/<id>`) and over the local socket. */
export interface CommandResponse {
  readonly id: string;
  readonly status: CommandStatus;
  /** 0 to 1; only with `in_progress`, and only when it is known. */
  readonly progress?: number;
  /** True when the request had been received before and was not run again. */
  readonly duplicate: boolean;
  /** Wall clock, ISO 8601. */
  readonly ts: string;
  /** With `succeeded`, and with `in_progress` and `failed` when there is something to show. */
  readonly result?: unknown;
  readonly error?: ErrorBody;
}

const FINAL: ReadonlySet<CommandStatus> = new Set(['succeeded', 'failed', 'rejected', 'timed_out', 'canceled']);

/** True when no further response follows. */
export const isFinal = (status: CommandStatus): boolean => FINAL.has(status);

/** Conditions that pass by themselves. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'busy',
  'clock_unsynced',
  'resource_limit',
  'device_lost',
  'device_busy',
  'interrupted',
  'network',
  'timed_out',
]);

export const errorBody = (error: CamboxError): ErrorBody => ({
  code: error.code,
  message: error.message,
  ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
  retryable: RETRYABLE.has(error.code),
  ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs }),
});
