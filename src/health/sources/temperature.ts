import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemperatureReading } from '../readings.ts';
import { readText } from './read-text.ts';

/** Boards have up to a dozen zones (Jetson Orin: 9). */
const MAX_ZONES = 32;
/** A zone that is switched off reports absurd values (Jetson: -256 °C). */
const LEAST_CELSIUS = -40;
const MOST_CELSIUS = 150;

/** The hottest zone of /sys/class/thermal (Documentation/driver-api/thermal/sysfs-api.rst: `temp` is in m°C). */
export async function readTemperature(sysfsRoot: string): Promise<TemperatureReading | undefined> {
  const folder = join(sysfsRoot, 'class/thermal');
  const names = await readdir(folder).catch(() => []); // containers have none
  const zones = names.filter((name) => name.startsWith('thermal_zone')).slice(0, MAX_ZONES);
  const readings = await Promise.all(zones.map((zone) => readZone(join(folder, zone))));
  return readings
    .filter((reading) => reading !== undefined)
    .reduce<TemperatureReading | undefined>(
      (hottest, zone) => (hottest === undefined || zone.celsius > hottest.celsius ? zone : hottest),
      undefined,
    );
}

async function readZone(folder: string): Promise<TemperatureReading | undefined> {
  const [temp, type] = await Promise.all([readText(join(folder, 'temp')), readText(join(folder, 'type'))]);
  const celsius = temp === undefined || temp === '' ? Number.NaN : Number(temp) / 1000;
  if (!(celsius >= LEAST_CELSIUS && celsius <= MOST_CELSIUS)) return undefined;
  return { celsius: Math.round(celsius * 10) / 10, zone: type ?? 'unknown' };
}
