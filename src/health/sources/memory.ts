import { join } from 'node:path';
import type { MemoryReading } from '../readings.ts';
import { readText } from './read-text.ts';

/** /proc/meminfo (proc_meminfo(5)). */
export async function readMemory(procRoot: string): Promise<MemoryReading | undefined> {
  const text = await readText(join(procRoot, 'meminfo'));
  return text === undefined ? undefined : parseMeminfo(text);
}

/** Undefined when a line is missing (MemAvailable came with Linux 3.14). */
export function parseMeminfo(text: string): MemoryReading | undefined {
  const bytes = (name: string): number => Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm'))?.[1]) * 1024;
  const totalBytes = bytes('MemTotal');
  const availableBytes = bytes('MemAvailable');
  return Number.isFinite(totalBytes + availableBytes) ? { totalBytes, availableBytes } : undefined;
}
