import type { Clock } from '../../base/clock.ts';
import type { JobContext } from '../../jobs/job.ts';
import type { QueuedKind } from '../../jobs/workload.ts';
import type { MemoryCaps, MemoryUse } from '../memory/memory-caps.ts';
import { Child, type ChildExit } from './child.ts';
import { shellTimesMs } from './shell-times.ts';

/** A program that does the work of a job; it must not read stdin. */
export interface JobProgram {
  readonly kind: QueuedKind;
  readonly program: string;
  readonly args: readonly string[];
  /** Called with what it writes to stdout. */
  onOutput(chunk: Buffer): void;
  /** It runs. */
  onStart?(child: Child): void;
}

export interface JobChildDeps {
  readonly caps: MemoryCaps;
  readonly clock: Clock;
}

/** How it ended, and what it needed. */
export interface JobChildExit extends ChildExit {
  readonly memory: MemoryUse;
  readonly cpuMs: number | undefined;
  /** Who ended it; undefined when nobody did. */
  readonly endReason: string | undefined;
}

/** Against 100 of a recording. */
const CPU_WEIGHT: Readonly<Record<QueuedKind, number>> = { cut: 50, export: 40, timelapse: 20 };

/**
 * Run a program for a job: under the job's cap, and ended when the job is. What it needed is learned. Throws the reason of
 * `context.signal`, `missing_program`, `child_failed` when it cannot be started.
 */
export async function runJobChild(work: JobProgram, context: JobContext, deps: JobChildDeps): Promise<JobChildExit> {
  const { caps, clock } = deps;
  context.signal.throwIfAborted();
  const place = await caps.place({ memoryBytes: context.capBytes, cpuWeight: CPU_WEIGHT[work.kind] });
  const options = { place, withoutInput: true, onOutput: (chunk: Buffer) => work.onOutput(chunk) };
  const child = await Child.spawn(work.program, work.args, clock, options);
  const stop = (): void => void child.stop('the job ends');
  context.signal.addEventListener('abort', stop, { once: true });
  if (context.signal.aborted) stop();
  work.onStart?.(child);
  const exit = await child.exited;
  context.signal.removeEventListener('abort', stop);
  const memory = exit.memory!; // it had a place
  const cpuMs = memory.cpuMs ?? shellTimesMs(exit.stderr);
  const { heldBytes, peakBytes, killed } = memory;
  context.learn({ heldBytes: heldBytes || peakBytes, overCap: killed === 'over_cap', peakBytes, cpuMs });
  context.signal.throwIfAborted();
  return { ...exit, memory, cpuMs, endReason: child.endReason };
}
