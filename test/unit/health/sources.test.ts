import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import { SILENT } from '../../../src/base/logger.ts';
import { openHealthSampler } from '../../../src/health/health-sampler.ts';
import { readClockSync } from '../../../src/health/sources/clock-sync.ts';
import { readDisk } from '../../../src/health/sources/disk.ts';
import { readHardware } from '../../../src/health/sources/hardware.ts';
import { parseMeminfo, readMemory } from '../../../src/health/sources/memory.ts';
import { openProcessSource } from '../../../src/health/sources/process.ts';
import { readTemperature } from '../../../src/health/sources/temperature.ts';
import { readThrottling, ThrottlingLatch } from '../../../src/health/sources/throttling.ts';
import { FakeClock } from '../../support/fake-clock.ts';

interface Tree extends AsyncDisposable {
  readonly root: string;
}

/** A folder with these files, as sysfs or procfs would show them. */
async function plant(files: Readonly<Record<string, string>>): Promise<Tree> {
  const root = await mkdtemp(join(tmpdir(), 'cambox-sysfs-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

const THROTTLED = 'devices/platform/soc/soc:firmware/get_throttled';

test('temperature is that of the hottest zone, without zones that are off or cannot be read', async () => {
  await using tree = await plant({
    'class/thermal/thermal_zone0/temp': '48312\n',
    'class/thermal/thermal_zone0/type': 'cpu-thermal\n',
    'class/thermal/thermal_zone1/temp': '51250\n',
    'class/thermal/thermal_zone1/type': 'gpu-thermal\n',
    'class/thermal/thermal_zone2/temp': '-256000\n',
    'class/thermal/thermal_zone3/type': 'no temp here\n',
    'class/thermal/thermal_zone4/temp': 'nonsense\n',
    'class/thermal/cooling_device0/temp': '99999\n',
  });
  assert.deepEqual(await readTemperature(tree.root), { celsius: 51.3, zone: 'gpu-thermal' });
});

test('temperature and throttling are absent when the machine has no sensor', async () => {
  await using tree = await plant({});
  assert.deepEqual([await readTemperature(tree.root), await readThrottling(tree.root)], [undefined, undefined]);
});

for (const [text, bits] of [
  ['50005\n', 0x5_0005],
  ['0x50000\n', 0x5_0000],
  ['0\n', 0],
  ['garbage', undefined],
  ['', undefined],
] as const) {
  test(`throttling reads ${JSON.stringify(text)} as ${bits}`, async () => {
    await using tree = await plant({ [THROTTLED]: text });
    assert.equal((await readThrottling(tree.root))?.bits, bits);
  });
}

test('throttling latch keeps what has occurred when the kernel clears it', () => {
  const latch = new ThrottlingLatch();
  assert.equal(latch.add({ bits: 0x5 }).bits, 0x5_0005);
  assert.equal(latch.add({ bits: 0 }).bits, 0x5_0000);
  assert.equal(latch.add({ bits: 0x2_0000 }).bits, 0x7_0000);
});

test('memory is what /proc/meminfo says', async () => {
  assert.deepEqual(parseMeminfo('MemTotal:  3884000 kB\nMemFree: 1 kB\nMemAvailable:  100 kB\n'), {
    totalBytes: 3884000 * 1024,
    availableBytes: 102_400,
  });
  assert.equal(parseMeminfo('MemTotal: 5 kB\n'), undefined);
  const real = await readMemory('/proc');
  assert.ok(real !== undefined && real.availableBytes <= real.totalBytes);
});

test('disk tells room and whether it can be written; nothing when the folder is missing', async () => {
  await using tree = await plant({});
  const disk = await readDisk(tree.root);
  assert.ok(disk?.writable && disk.freeBytes > 0 && disk.freeBytes <= disk.totalBytes);
  assert.equal(await readDisk(join(tree.root, 'missing')), undefined);
});

test('clock is synchronised, not, or unknown, as timesyncd or the kernel tells', async () => {
  await using yes = await plant({ 'systemd/timesync/synchronized': '' });
  await using no = await plant({ 'systemd/timesync/clock': '' });
  await using unknown = await plant({});
  const told = (kernel: boolean | undefined) =>
    Promise.all([yes, no, unknown].map(({ root }) => readClockSync(root, () => kernel)));
  assert.deepEqual(await told(undefined), [true, false, undefined]);
  assert.deepEqual(await told(true), [true, true, true], 'chrony and others leave no file');
  assert.deepEqual(await told(false), [true, false, false]);
});

test('hardware names the board from the device tree, or the product of a PC', async () => {
  await using pi = await plant({ 'firmware/devicetree/base/model': 'Raspberry Pi 5 Model B Rev 1.0\0' });
  await using pc = await plant({ 'class/dmi/id/product_name': 'NUC\n' });
  assert.equal((await readHardware(pi.root)).model, 'Raspberry Pi 5 Model B Rev 1.0');
  assert.equal((await readHardware(pc.root)).model, 'NUC');
});

test('process reading shows a blocked event loop, once', async () => {
  const openedAt = performance.now();
  using source = openProcessSource(SYSTEM_CLOCK);
  await SYSTEM_CLOCK.sleep(220); // the histogram needs a first period
  const before = process.cpuUsage();
  const busyMs = 400; // of CPU time: on a busy machine that takes longer
  while (process.cpuUsage(before).user < busyMs * 1000);
  await SYSTEM_CLOCK.sleep(220);
  const busy = source.read();
  const elapsedMs = performance.now() - openedAt;
  assert.ok(busy.loopLagMaxMs >= 200, `${busy.loopLagMaxMs} ms`);
  assert.ok(busy.cpuPercent > (90 * busyMs) / elapsedMs && busy.rssBytes > 1e7, JSON.stringify(busy));
});

test('sampler reads again after its interval and remembers throttling', async () => {
  await using tree = await plant({ [THROTTLED]: '5', 'class/thermal/thermal_zone0/temp': '50000' });
  const clock = new FakeClock();
  await using sampler = await openHealthSampler({
    recordDir: tree.root,
    sysfsRoot: tree.root,
    runRoot: tree.root,
    everyMs: 5000,
    clock,
    logger: SILENT,
  });
  assert.equal(sampler.latest.throttling?.bits, 0x5_0005);
  await writeFile(join(tree.root, THROTTLED), '0');
  const before = sampler.latest;
  await clock.advance(5000);
  while (sampler.latest === before) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sampler.latest.throttling?.bits, 0x5_0000);
});
