import { parentPort, workerData } from 'node:worker_threads';
import { type RunOptions, runTarget } from './run-target.ts';
import type { Seeds } from './seeds.ts';
import { TARGETS } from './targets.ts';

/** What a thread is given: one target's run. */
export interface ThreadJob {
  readonly target: string;
  readonly seeds: Seeds;
  readonly options: Omit<RunOptions, 'onIndex'>;
  /** One 64-bit number, shared: the input that is being checked. */
  readonly index: BigInt64Array;
}

if (parentPort !== null) {
  const { target: name, seeds, options, index } = workerData as ThreadJob;
  const target = TARGETS.find((candidate) => candidate.name === name)!;
  const onIndex = (at: number): void => {
    Atomics.store(index, 0, BigInt(at));
  };
  parentPort.postMessage(await runTarget(target, seeds, { ...options, onIndex }));
}
