import { arch, availableParallelism, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { readText } from './read-text.ts';

/** What the box is made of, for `birth`: plain JSON. */
export interface HardwareReading {
  /** "Raspberry Pi 5 Model B Rev 1.0"; the PC's product name; or "unknown". */
  readonly model: string;
  readonly arch: string;
  readonly cpus: number;
  readonly memory_mb: number;
  readonly kernel: string;
  readonly node: string;
}

export async function readHardware(sysfsRoot: string): Promise<HardwareReading> {
  const deviceTree = await readText(join(sysfsRoot, 'firmware/devicetree/base/model'));
  const product = await readText(join(sysfsRoot, 'class/dmi/id/product_name'));
  return {
    model: deviceTree?.replaceAll('\0', '') || product || 'unknown', // device-tree strings end with a zero byte
    arch: arch(),
    cpus: availableParallelism(),
    memory_mb: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.version,
  };
}
