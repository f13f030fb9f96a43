import type { ClipRecord } from './clip-record.ts';

/** `failed`: it was started, and nothing of it could be kept. */
export const TRIGGER_OUTCOMES = ['started', 'extended', 'refused', 'failed'] as const;
export type TriggerOutcome = (typeof TRIGGER_OUTCOMES)[number];

/** A request for a recording, and what became of it. Keys go over MQTT and to the CLI as they stand here. */
export interface TriggerRecord {
  readonly at: string;
  /** Whether the wall clock could be trusted then; null: not known. */
  readonly clock_synced: boolean | null;
  readonly outcome: TriggerOutcome;
  readonly camera: string;
  /** That it started or made longer; absent: it was refused. */
  readonly clip?: string;
  /** Id of the request, by which way it came, and who asked, if they said. */
  readonly request: string;
  readonly door: string;
  readonly by?: string;
  readonly label?: string;
  readonly class?: string;
  readonly pre_asked_ms: number;
  /** Absent: until it is stopped. */
  readonly duration_asked_ms?: number;
  /** Why it was refused or failed. */
  readonly code?: string;
  readonly reason?: string;
}

/** A clip, and the requests that started it and made it longer, the oldest first. */
export interface ClipDetails extends ClipRecord {
  readonly triggers: readonly TriggerRecord[];
}
