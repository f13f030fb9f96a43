import type { Usage } from '../../catalog/clips/clip-table.ts';
import type { MadeUsage } from '../../catalog/clips/made-table.ts';

/** What the health report tells of the clips and of what was made of them. Pure. */
export const countOf = (clips: readonly Usage[], made: readonly MadeUsage[]) => ({
  clips: sum(clips.map((usage) => usage.clips)),
  bytes: sum(clips.map(({ bytes }) => bytes)),
  protected_bytes: sum(clips.map(({ protectedBytes }) => protectedBytes)),
  made_files: sum(made.map(({ files }) => files)),
  made_bytes: sum(made.map(({ bytes }) => bytes)),
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
