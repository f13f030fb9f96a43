import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { describeDeviceNodes, listDeviceNodes } from '../../../src/v4l2/device-nodes.ts';
import { listDevices } from '../../../src/v4l2/discovery.ts';
import { DeviceTree } from '../../support/device-tree.ts';

let tree: DeviceTree;
beforeEach(() => {
  tree = new DeviceTree();
});
afterEach(() => tree[Symbol.dispose]());

test('listDevices is empty where there is no video device', async () => {
  assert.deepEqual(await listDevices(tree.folders), []);
});

test('listDeviceNodes gives the video nodes alone, by number', async () => {
  for (const name of ['video10', 'video2', 'video', 'videox', 'vbi0']) tree.write(`dev/${name}`);
  const nodes = await listDeviceNodes(tree.folders);
  assert.deepEqual(
    nodes.map((node) => node.path),
    [tree.at('dev/video2'), tree.at('dev/video10')],
  );
});

test('listDeviceNodes gives the name that sysfs has, and every link to the node', async () => {
  tree.write('dev/video0');
  tree.write('dev/video1');
  tree.write('sys/class/video4linux/video0/name', 'HD Camera\n');
  tree.link('dev/v4l/by-id/usb-cam-index0', 'dev/video0');
  tree.link('dev/v4l/by-path/platform-1.2-index0', 'dev/video0');
  tree.link('dev/v4l/by-path/platform-1.2-index1', 'dev/video1');
  const [first, second] = await listDeviceNodes(tree.folders);
  assert.deepEqual(first, {
    path: tree.at('dev/video0'),
    name: 'HD Camera',
    index: 0,
    device: undefined,
    usb: undefined,
    idPath: undefined,
    byId: [tree.at('dev/v4l/by-id/usb-cam-index0')],
    byPath: [tree.at('dev/v4l/by-path/platform-1.2-index0')],
  });
  assert.deepEqual([second?.name, second?.byId.length, second?.byPath.length], [undefined, 0, 1]);
});

test('listDeviceNodes passes over a link to a node that has gone', async () => {
  tree.write('dev/video0');
  tree.link('dev/v4l/by-id/usb-gone', 'dev/video7');
  assert.deepEqual((await listDeviceNodes(tree.folders))[0]?.byId, []);
});

test('listDevices tells why a node cannot be asked, and goes on with the next', async () => {
  tree.write('dev/video0');
  tree.write('dev/video1');
  const devices = await listDevices(tree.folders);
  assert.deepEqual(
    devices.map(({ capabilities, formats, problem }) => [capabilities, formats, problem?.code]),
    [
      [undefined, [], 'unsupported'],
      [undefined, [], 'unsupported'],
    ],
  );
});

test('describeDeviceNodes names what there is, or says that there is nothing', async () => {
  assert.match(await describeDeviceNodes(tree.folders), /no video device at all: check the cable/);
  tree.write('dev/video0');
  tree.write('sys/class/video4linux/video0/name', 'HD Camera\n');
  assert.equal(await describeDeviceNodes(tree.folders), `Video devices here: ${tree.folders.dev}/video0 (HD Camera)`);
});
