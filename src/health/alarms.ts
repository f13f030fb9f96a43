import type { Check, CheckStatus } from './checks.ts';

/**
 * What somebody has to look after, by the codes of the checks that tell of it. What passes by itself (a camera that recovers, a clock
 * that is not set yet) and what only forebodes (a disk that gets full) is no alarm: the health report tells it.
 */
const TYPE_OF_CODE: Readonly<Record<string, string>> = {
  undervoltage_now: 'undervoltage',
  undervoltage_since_boot: 'undervoltage',
  too_hot: 'too_hot',
  memory_exhausted: 'memory_exhausted',
  loop_stuck: 'loop_stuck',
  frame_memory_full: 'frame_memory_full',
  disk_missing: 'disk_missing',
  disk_full: 'disk_full',
  retention_full: 'disk_full',
  disk_read_only: 'disk_read_only',
  retention_read_only: 'disk_read_only',
  retention_failed: 'disk_failed',
  retention_unknown: 'disk_failed',
  catalog_rebuilt: 'catalog_rebuilt',
  catalog_unavailable: 'catalog_unavailable',
  state_unavailable: 'state_unavailable',
  state_begun_anew: 'state_begun_anew',
  journal_not_written: 'state_not_written',
  jobs_not_kept: 'state_not_written',
  spool_not_written: 'state_not_written',
  camera_lost: 'camera_lost',
  camera_failed: 'camera_failed',
  camera_stalled: 'camera_stuck',
  camera_frozen: 'camera_frozen',
  camera_corrupt: 'camera_corrupt',
  camera_dark: 'camera_dark',
};

/** Every type there is, for topics that may have to be cleared. */
export const ALARM_TYPES: readonly string[] = [...new Set(Object.values(TYPE_OF_CODE))];

/** One kind of trouble, wherever it is found. */
export interface Alarm {
  readonly type: string;
  /** The worst of its checks. */
  readonly status: CheckStatus;
  readonly checks: readonly Omit<Check, 'status'>[];
}

/** The alarms in a verdict, by type. */
export function alarmsOf(checks: readonly Check[]): ReadonlyMap<string, Alarm> {
  const alarms = new Map<string, Alarm>();
  for (const { status, ...check } of checks) {
    const type = check.code === undefined ? undefined : TYPE_OF_CODE[check.code];
    if (type === undefined) continue;
    const { status: before = 'warn', checks: others = [] } = alarms.get(type) ?? {};
    alarms.set(type, { type, status: before === 'fail' ? before : status, checks: [...others, check] });
  }
  return alarms;
}
