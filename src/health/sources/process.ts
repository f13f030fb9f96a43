import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../../base/clock.ts';
import { msFromUs } from '../../base/units.ts';
import type { ProcessReading } from '../readings.ts';

/** Timer period of the lag measurement: each period wakes the process up. */
const RESOLUTION_MS = 100;

export interface ProcessSource extends Disposable {
  read(): ProcessReading;
}

/** Starts measuring at once; each reading covers the time since the one before. */
export function openProcessSource(clock: Clock): ProcessSource {
  const lag = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  lag.enable();
  let cpu = process.cpuUsage();
  let readAt = clock.now();
  // the histogram holds whole timer periods, in nanoseconds: what exceeds the period is lag
  const lagMs = (nanoseconds: number): number => Math.max(0, Math.round(nanoseconds / 1e6 - RESOLUTION_MS));
  return {
    read() {
      const used = process.cpuUsage(cpu);
      const elapsedUs = Math.max(1, clock.now() - readAt);
      const reading = {
        rssBytes: process.memoryUsage.rss(),
        cpuPercent: Math.round((msFromUs(used.user + used.system) / msFromUs(elapsedUs)) * 1000) / 10,
        loopLagP99Ms: lag.count === 0 ? 0 : lagMs(lag.percentile(99)),
        loopLagMaxMs: lag.count === 0 ? 0 : lagMs(lag.max),
      };
      cpu = process.cpuUsage();
      readAt = clock.now();
      lag.reset();
      return reading;
    },
    [Symbol.dispose]: () => void lag.disable(),
  };
}
