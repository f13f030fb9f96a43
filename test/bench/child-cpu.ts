import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { koffi } from '../../src/native/koffi.ts';
import { libc } from '../../src/native/libc.ts';

/** getrusage(2): all children that have ended and been waited for, with their own children. */
const RUSAGE_CHILDREN = -1;
/** sizeof(struct rusage) on 64-bit Linux: two timevals and fourteen longs. */
const RUSAGE_BYTES = 2 * 16 + 14 * 8;

/**
 * Run a program to its end and return the CPU time it took, user and system, in milliseconds. No other child of this
 * process may end meanwhile. Throws with what the program wrote to stderr when it fails; exit codes in `accepted` are
 * no failure.
 */
export async function cpuMsOf(
  program: string,
  args: readonly string[],
  accepted: readonly number[] = [0],
): Promise<number> {
  const before = childrenCpuMs();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints += String(text);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === null || !accepted.includes(code)) {
    throw new Error(`${program} ${args.join(' ')} ended with ${String(code)}: ${complaints}`);
  }
  return childrenCpuMs() - before;
}

/**
 * CPU milliseconds a unit of work, start-up subtracted: the difference of two runs that do `few` and `many` units,
 * divided by the difference in units.
 */
export async function cpuMsPerUnit(
  few: number,
  many: number,
  run: (units: number) => Promise<number>,
): Promise<number> {
  const fewMs = await run(few);
  const manyMs = await run(many);
  return (manyMs - fewMs) / (many - few);
}

export function childrenCpuMs(): number {
  const getrusage = libc().func('getrusage', 'int', ['int', 'void *']);
  const usage = new DataView(new ArrayBuffer(RUSAGE_BYTES));
  if (getrusage(RUSAGE_CHILDREN, new Uint8Array(usage.buffer)) !== 0) throw new Error(`errno ${koffi.errno()}`);
  const timevalMs = (at: number): number =>
    Number(usage.getBigInt64(at, true)) * 1000 + Number(usage.getBigInt64(at + 8, true)) / 1000;
  return timevalMs(0) + timevalMs(16);
}
