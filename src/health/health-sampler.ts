import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { HostReadings } from './readings.ts';
import { readClockSync } from './sources/clock-sync.ts';
import { readDisk } from './sources/disk.ts';
import { readMemory } from './sources/memory.ts';
import { openProcessSource, type ProcessSource } from './sources/process.ts';
import { readTemperature } from './sources/temperature.ts';
import { readThrottling, ThrottlingLatch } from './sources/throttling.ts';

export interface HealthSamplerOptions {
  readonly recordDir: string;
  /** `/sys`; a test's own tree. */
  readonly sysfsRoot: string;
  readonly procRoot?: string;
  readonly runRoot?: string;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Reads the machine regularly, in the background: a disk that hangs or a slow sensor never holds up who asks for
 * `latest`.
 */
export interface HealthSampler extends AsyncDisposable {
  readonly latest: HostReadings;
}

/** Resolves after the first reading. */
export async function openHealthSampler(options: HealthSamplerOptions): Promise<HealthSampler> {
  const { clock, logger, everyMs } = options;
  const stop = new AbortController();
  const processSource = openProcessSource(clock);
  const latch = new ThrottlingLatch();
  let latest = await readAll(options, processSource, latch);
  const loop = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(everyMs, stop.signal);
      if (stop.signal.aborted) return;
      latest = await readAll(options, processSource, latch);
    }
  };
  const finished = loop().catch((err: unknown) => logger.error('health_sampler_failed', { err }));
  return {
    get latest() {
      return latest;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await finished;
      processSource[Symbol.dispose]();
    },
  };
}

async function readAll(
  { recordDir, sysfsRoot, procRoot = '/proc', runRoot = '/run' }: HealthSamplerOptions,
  processSource: ProcessSource,
  latch: ThrottlingLatch,
): Promise<HostReadings> {
  const [memory, disk, temperature, throttling, clockSynced] = await Promise.all([
    readMemory(procRoot),
    readDisk(recordDir),
    readTemperature(sysfsRoot),
    readThrottling(sysfsRoot),
    readClockSync(runRoot),
  ]);
  return {
    process: processSource.read(),
    ...(memory && { memory }),
    ...(disk && { disk }),
    ...(temperature && { temperature }),
    ...(throttling && { throttling: latch.add(throttling) }),
    ...(clockSynced !== undefined && { clockSynced }),
  };
}
