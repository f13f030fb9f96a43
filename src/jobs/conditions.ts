import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Conditions, GOOD_CONDITIONS } from './scheduler.ts';

/** So much of the last ten seconds some program waited for memory: the machine is short of it. In percent. */
const PRESSED_PCT = 10;

/**
 * How the machine is now, from procfs: made up in memory by the kernel, so that reading it never waits for a disk. What it
 * does not tell counts as good (PSI is off by default on Raspberry Pi OS: psi=1 on its kernel command line).
 */
export function readConditions(procRoot = '/proc'): Conditions {
  const available = /^MemAvailable:\s*(\d+) kB/m.exec(read(join(procRoot, 'meminfo')))?.[1];
  const stalledPct = /^some avg10=([\d.]+)/m.exec(read(join(procRoot, 'pressure/memory')))?.[1];
  return {
    availableBytes: available === undefined ? GOOD_CONDITIONS.availableBytes : Number(available) * 1024,
    pressed: stalledPct !== undefined && Number(stalledPct) >= PRESSED_PCT,
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // a kernel without it, or with PSI turned off (EOPNOTSUPP)
  }
}
