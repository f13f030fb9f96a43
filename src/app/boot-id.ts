import { readFile } from 'node:fs/promises';

/** The kernel gives each boot of the machine an id (random(4)). */
const BOOT_ID = '/proc/sys/kernel/random/boot_id';

export const readBootId = async (): Promise<string> => (await readFile(BOOT_ID, 'utf8')).trim();
