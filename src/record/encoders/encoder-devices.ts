import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { EncoderProfile } from './encoder-profile.ts';

/** A device node that an encoder may use. */
export interface EncoderDevice {
  readonly path: string;
  /** What the driver calls it: a probe's verdict holds as long as this stays. */
  readonly name: string;
}

/** Where /dev and /sys are; a test's own tree. */
export interface DeviceRoots {
  readonly dev: string;
  readonly sys: string;
}

export const DEVICE_ROOTS: DeviceRoots = { dev: '/dev', sys: '/sys' };

/** Cameras are video devices as well, and no encoders. */
const CAMERA_DRIVERS: ReadonlySet<string> = new Set(['uvcvideo']);

/** The nodes that a profile's patterns (a path's beginning) stand for, in the order of their names. Never throws. */
export async function findEncoderDevices(
  { devices }: EncoderProfile,
  roots: DeviceRoots = DEVICE_ROOTS,
): Promise<readonly EncoderDevice[]> {
  const found: EncoderDevice[] = [];
  for (const pattern of devices) {
    const folder = join(roots.dev, dirname(pattern).slice('/dev'.length));
    const names = await readdir(folder).catch(() => []); // no such folder, no such device
    for (const name of names.filter((entry) => entry.startsWith(basename(pattern))).sort()) {
      const about = await describeNode(join(folder, name), roots.sys);
      if (!CAMERA_DRIVERS.has(about.driver)) found.push({ path: join(dirname(pattern), name), name: about.name });
    }
  }
  return found;
}

/** By its number in sysfs: video devices have a name there, most others a driver. */
async function describeNode(path: string, sys: string): Promise<{ name: string; driver: string }> {
  const { rdev } = await stat(path).catch(() => ({ rdev: 0 }));
  const folder = join(sys, 'dev/char', `${major(rdev)}:${minor(rdev)}`);
  const driver = basename(await readlink(join(folder, 'device/driver')).catch(() => ''));
  const name = await readFile(join(folder, 'name'), 'utf8').catch(() => driver);
  return { name: name.trim(), driver };
}

/** Linux puts a device number together from two parts of each (makedev(3)); rdev is below 2^32 for real nodes. */
const major = (rdev: number): number => (rdev >>> 8) & 0xfff;
const minor = (rdev: number): number => (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
