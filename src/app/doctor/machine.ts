import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { type Check, hostChecks } from '../../health/checks.ts';
import type { HostReadings } from '../../health/readings.ts';
import { readClockSync } from '../../health/sources/clock-sync.ts';
import { readDisk } from '../../health/sources/disk.ts';
import { readMemory } from '../../health/sources/memory.ts';
import { readTemperature } from '../../health/sources/temperature.ts';
import { readThrottling } from '../../health/sources/throttling.ts';
import { type Examination, type Finding, ok, warn } from './finding.ts';

const MB = 2 ** 20;
const NO_PROCESS = { rssBytes: 0, cpuPercent: 0, loopLagP99Ms: 0, loopLagMaxMs: 0 };

/** Power, temperature, memory, the disk of the clips, the clock: judged as in health. And what memory caps need. */
export async function* examineMachine({ record, retention, health }: Config): Examination {
  const [memory, disk, temperature, throttling, clockSynced] = await Promise.all([
    readMemory('/proc'),
    readDisk(record.dir),
    readTemperature(health.sysfs_root),
    readThrottling(health.sysfs_root),
    readClockSync('/run'),
  ]);
  const readings: HostReadings = {
    process: NO_PROCESS,
    ...(memory && { memory }),
    ...(disk && { disk }),
    ...(temperature && { temperature }),
    ...(throttling && { throttling }),
    ...(clockSynced !== undefined && { clockSynced }),
  };
  const checks = hostChecks(readings, retention.least_free_mb * MB);
  for (const check of checks) if (check.id !== 'loop') yield inWords(check, readings, record.dir);
  yield await memoryController();
}

function inWords({ id, status, code, hint }: Check, readings: HostReadings, dir: string): Finding {
  const figure = figureOf(id, readings, dir);
  const says = [code, figure].filter((part) => part !== undefined).join(': ');
  return { id, status, says, ...(hint !== undefined && { remedy: hint }) };
}

function figureOf(id: string, { memory, disk, temperature }: HostReadings, dir: string): string | undefined {
  switch (id) {
    case 'memory':
      return memory && `${megabytes(memory.availableBytes)} of ${megabytes(memory.totalBytes)} MB are free`;
    case 'disk':
      return disk === undefined ? dir : `${megabytes(disk.freeBytes)} MB are free under ${dir}`;
    case 'temperature':
      return temperature && `${temperature.celsius} degrees (${temperature.zone})`;
    case 'clock':
      return 'brought to the right time since the boot, as far as the kernel or systemd-timesyncd tells';
    default:
      return undefined;
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / MB);

/**
 * Whether the kernel can cap a child's memory. Whether the service may divide its own control group, only the running
 * daemon can tell (its health says so under `memory_caps`): to try it is to do it.
 */
async function memoryController(): Promise<Finding> {
  const controllers = await readFile('/sys/fs/cgroup/cgroup.controllers', 'utf8').catch(() => '');
  if (controllers.split(/\s/).includes('memory')) return ok('cgroup', 'the kernel can cap the memory of each ffmpeg');
  return warn(
    'cgroup',
    'control groups have no memory controller: each ffmpeg is watched instead, and killed when it takes too much',
    'On a Raspberry Pi add cgroup_enable=memory to /boot/firmware/cmdline.txt and reboot; elsewhere boot with cgroup v2',
  );
}
