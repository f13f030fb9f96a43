import { Worker } from 'node:worker_threads';
import type { Finding } from './finding.ts';
import type { ThreadJob } from './fuzz-thread.ts';
import { Random } from './random.ts';
import type { RunOptions, TargetResult } from './run-target.ts';
import type { Seeds } from './seeds.ts';
import type { FuzzTarget } from './target.ts';

/** An input that is not done after so long never will be. */
const HANG_MS = 20_000;
const LOOK_EVERY_MS = 1000;
/** Of objects; the code under fuzz has to do with less. */
const HEAP_MB = 256;

/** Run one target in a thread of its own, so that an input that hangs or eats all memory is a finding and not the end. */
export async function runInThread(
  target: FuzzTarget,
  seeds: Seeds,
  options: Omit<RunOptions, 'onIndex'>,
): Promise<TargetResult> {
  const index = new BigInt64Array(new SharedArrayBuffer(8));
  const job: ThreadJob = { target: target.name, seeds, options, index };
  const worker = new Worker(new URL('./fuzz-thread.ts', import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const { promise, resolve, reject } = Promise.withResolvers<TargetResult>();
  const endWith = (problem: string): void => resolve(brokenOff(target, seeds, options.seed, Number(index[0]), problem));
  const stopWatching = watch(index, () => endWith(`it does not end within ${HANG_MS / 1000} s`));
  worker.on('message', resolve);
  worker.on('error', (failure: NodeJS.ErrnoException) => {
    if (failure.code === 'ERR_WORKER_OUT_OF_MEMORY') endWith(`it takes more than ${HEAP_MB} MB of memory`);
    else reject(failure);
  });
  try {
    return await promise;
  } finally {
    stopWatching();
    await worker.terminate();
  }
}

/** Calls back when the number stays the same for too long. */
function watch(index: BigInt64Array, onHang: () => void): () => void {
  let last = -1n;
  let since = performance.now();
  const timer = setInterval(() => {
    const now = Atomics.load(index, 0);
    if (now !== last) since = performance.now();
    else if (performance.now() - since > HANG_MS) onHang();
    last = now;
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

/** What is known of a run whose thread is lost. */
function brokenOff(target: FuzzTarget, seeds: Seeds, seed: number, index: number, problem: string): TargetResult {
  const { name, remembers } = target;
  const input = remembers ? undefined : target.open(seeds).make(new Random(seed, name, index));
  const finding: Finding = { target: name, seed, index, problem, input };
  return {
    target: name,
    inputs: index + 1,
    accepted: 0,
    refused: {},
    slowestMs: undefined,
    heapGrowthBytes: undefined,
    findings: [finding],
  };
}
