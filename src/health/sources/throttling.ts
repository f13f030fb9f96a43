import { join } from 'node:path';
import type { ThrottlingReading } from '../readings.ts';
import { readText } from './read-text.ts';

const FILE = 'devices/platform/soc/soc:firmware/get_throttled';

/** `get_throttled` of the Raspberry Pi firmware; undefined on other boards. */
export async function readThrottling(sysfsRoot: string): Promise<ThrottlingReading | undefined> {
  const text = await readText(join(sysfsRoot, FILE));
  if (text === undefined || !/^(0x)?[0-9a-f]{1,8}$/i.test(text)) return undefined;
  return { bits: Number.parseInt(text, 16) };
}

/**
 * Remembers what has occurred: the kernel's rpi_volt driver clears the firmware's own "has occurred" bits (16-19)
 * whenever it looks.
 */
export class ThrottlingLatch {
  #occurred = 0;

  add({ bits }: ThrottlingReading): ThrottlingReading {
    const now = bits & 0xf;
    this.#occurred |= (bits & 0xf_0000) | (now << 16);
    return { bits: now | this.#occurred };
  }
}
