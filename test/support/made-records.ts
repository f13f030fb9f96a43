import type { MadeRecord } from '../../src/catalog/clips/made-record.ts';

const FIRST_MS = Date.parse('2025-06-01T12:00:00Z');

/** The n-th of cuts that were made a minute after each other. */
export const madeRecord = (n: number, parts: Partial<MadeRecord> = {}): MadeRecord => ({
  file: `clip-${n}-cut-0-1000.mp4`,
  kind: 'cut',
  bytes: 1_000_000,
  clip: `clip-${n}`,
  camera: 'front',
  made_at: new Date(FIRST_MS + n * 60_000).toISOString(),
  clock_synced: true,
  started_at: new Date(FIRST_MS).toISOString(),
  duration_ms: 1000,
  job: 'job-1',
  ...parts,
});

const cutOf = (clip: string): MadeRecord =>
  madeRecord(0, { file: `${clip}-cut-0-1000.mp4`, clip, started_at: '2026-11-20T18:04:00.000Z' });

/** Cuts that a start takes for ours by their names. */
export const CUTS = {
  old: cutOf('20261120t180400z-front-000001'),
  new: cutOf('20261120t180400z-front-000002'),
} as const;
