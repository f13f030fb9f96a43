import assert from 'node:assert/strict';
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { HotplugWatch } from '../../../src/v4l2/hotplug-watch.ts';
import { DeviceTree } from '../../support/device-tree.ts';
import { until } from '../../support/until.ts';

let tree: DeviceTree;
let hotplug: HotplugWatch;
let unwatched: string[];

const open = (tree: DeviceTree): HotplugWatch =>
  HotplugWatch.open((folder) => unwatched.push(folder), { dev: tree.folders.dev, udevDatabase: tree.udevDatabase });

beforeEach(() => {
  tree = new DeviceTree();
  unwatched = [];
  hotplug = open(tree);
});
afterEach(() => {
  hotplug[Symbol.dispose]();
  tree[Symbol.dispose]();
});

/** Do something and wait for the change it makes. */
async function changeBy(what: string, act: () => void): Promise<void> {
  const before = hotplug.changes;
  act();
  await until(what, () => hotplug.changes > before);
}

/** Whether something makes a change: a change made after it tells that all before have been heard of. */
async function changesBy(act: () => void): Promise<number> {
  const before = hotplug.changes;
  act();
  await changeBy('the mark', () => tree.write('run/udev/data/c81:99', 'x'));
  return hotplug.changes - before;
}

test('HotplugWatch tells of a node that comes, is given to its group, gets its links, and goes', async () => {
  await changeBy('a new node', () => tree.write('dev/video3'));
  await changeBy('its mode', () => chmodSync(tree.at('dev/video3'), 0o660));
  await changeBy('the note of udev', () => {
    tree.write('run/udev/data/.#c81:3');
    renameSync(join(tree.udevDatabase, '.#c81:3'), join(tree.udevDatabase, 'c81:3'));
  });
  await changeBy('the end', () => rmSync(tree.at('dev/video3')));
});

test('HotplugWatch tells nothing of other devices', async () => {
  const marks = await changesBy(() => undefined);
  const changes = await changesBy(() => {
    for (const name of ['null', 'ttyUSB0', 'videox', 'media0']) tree.write(`dev/${name}`, 'x');
    for (const name of ['c1:3', 'n1', '+usb:1-1']) tree.write(`run/udev/data/${name}`, 'x');
  });
  assert.ok(changes <= marks + 1, `${changes} changes`);
});

test('HotplugWatch calls a listener back until it is disposed of', async () => {
  let calls = 0;
  {
    using _ = hotplug.onChange(() => {
      calls += 1;
    });
    await changeBy('a new node', () => tree.write('dev/video0'));
  }
  const called = calls;
  assert.ok(called > 0);
  await changeBy('another node', () => tree.write('dev/video1'));
  assert.equal(calls, called);
});

test('HotplugWatch works without udev, and says when there is nothing to watch', async () => {
  rmSync(tree.udevDatabase, { recursive: true });
  using _withoutUdev = open(tree);
  assert.deepEqual(unwatched, []);
  rmSync(tree.folders.dev, { recursive: true });
  using _withoutAll = open(tree);
  assert.deepEqual(unwatched, [tree.folders.dev]);
});
