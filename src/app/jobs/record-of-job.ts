import type { JobRow } from '../../catalog/state/job-table.ts';
import type { JobRecord } from '../../jobs/job-record.ts';
import type { JobKind } from '../../jobs/workload.ts';

export const jobName = (id: number): string => `job-${id}`;

/** A row as people see it. */
export function recordOf(row: JobRow): JobRecord {
  const { state, title, attempts, waited_ms, ran_ms, cpu_ms, peak_bytes, finished_ms, error, error_code } = row;
  const result = row.result === null ? undefined : jsonOf(row.result);
  const requests = jsonOf(row.requests);
  return {
    job: jobName(row.id),
    kind: row.kind as JobKind,
    ...{ title, state, attempts },
    requests: Array.isArray(requests) ? requests.map(String) : [],
    accepted_at: isoTime(row.accepted_ms),
    ...(finished_ms !== null && { finished_at: isoTime(finished_ms) }),
    ...(waited_ms !== null && { waited_ms }),
    ...(ran_ms !== null && { ran_ms }),
    ...(cpu_ms !== null && { cpu_ms }),
    ...(peak_bytes !== null && { peak_memory_bytes: peak_bytes }),
    ...(error_code !== null && { error: { code: error_code, message: error ?? '' } }),
    ...(result !== undefined && { result }),
    ...(row.result !== null && result === undefined && { result_omitted: true as const }),
  };
}

/** Undefined for what is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // too long to be kept, or a database that somebody has written to
  }
}

/** No time of a wall clock is beyond what JavaScript can tell, unless somebody has written to the database. */
const isoTime = (ms: number): string => new Date(Math.min(ms, 8.64e15)).toISOString();
