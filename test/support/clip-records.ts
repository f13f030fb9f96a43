import type { ClipRecord } from '../../src/catalog/clips/clip-record.ts';

const FIRST_MS = Date.parse('2025-06-01T12:00:00Z');

/** The n-th of clips that follow each other by a minute. */
export const clipRecord = (n: number, parts: Partial<ClipRecord> = {}): ClipRecord => ({
  clip: `clip-${n}`,
  camera: 'front',
  state: 'ready',
  end: 'duration',
  file: `clip-${n}.mp4`,
  bytes: 1_000_000 + n,
  protected: false,
  started_at: new Date(FIRST_MS + n * 60_000).toISOString(),
  clock_synced: true,
  duration_ms: 10_000,
  frames: 300,
  encoder: 'copy',
  gaps: [],
  ...parts,
});
