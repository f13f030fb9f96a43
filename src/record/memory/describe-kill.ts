import type { MemoryUse } from './memory-caps.ts';

const MIB = 2 ** 20;

/** Who killed a child for its memory, and why, in words; undefined when nobody did. */
export function describeKill({ by, killed, capBytes, peakBytes }: MemoryUse): string | undefined {
  if (killed === undefined) return undefined;
  if (killed === 'no_memory_left')
    return 'it was killed by the kernel as the service or the machine had no memory left';
  const killer = by === 'cgroup' ? 'the kernel' : 'cambox';
  const [cap, peak] = [capBytes, peakBytes].map((bytes) => Math.round(bytes / MIB));
  return `it was killed by ${killer} as it wanted more than its ${cap} MB of memory (had ${peak} MB)`;
}
