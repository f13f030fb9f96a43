import { availableParallelism } from 'node:os';
import type { Config } from '../../config/config.ts';
import { childrenMb } from '../../config/memory-shares.ts';
import type { Budget } from '../../jobs/scheduler.ts';
import { seedCost } from '../../jobs/seed-costs.ts';

const MEBIBYTE = 2 ** 20;
/** Of the children's memory, recordings do not keep more than this from jobs. */
const MOST_RESERVED = 0.5;

/** What all ffmpeg children together may take, by the config. One clip of each camera stays possible whatever jobs run. */
export function childrenBudget(config: Config, cores = availableParallelism()): Budget {
  const memoryBytes = childrenMb(config) * MEBIBYTE;
  const clips = config.cameras.map(({ width, height }) => {
    return seedCost({ kind: 'live', encoder: 'copy', width, height, threads: 1 }).memoryBytes;
  });
  const reserve = clips.reduce((sum, bytes) => sum + bytes, 0);
  return {
    memoryBytes,
    cpu: config.record.cpu_tokens || cores,
    liveReserveBytes: Math.min(reserve, memoryBytes * MOST_RESERVED),
    queueLength: config.jobs.queue_length,
  };
}
