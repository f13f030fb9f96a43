import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type CameraName, cameraNameText, namesOf, parseCameraName } from '../../../src/v4l2/camera-name.ts';
import { listDeviceNodes } from '../../../src/v4l2/device-nodes.ts';
import { findCamera } from '../../../src/v4l2/find-camera.ts';
import { DeviceTree } from '../../support/device-tree.ts';

let tree: DeviceTree;
/** Nodes that capture video. */
let capturing: string[];

beforeEach(() => {
  tree = new DeviceTree();
  capturing = [];
});
afterEach(() => tree[Symbol.dispose]());

const WEBCAM = { vendorId: '046d', productId: '0825' };
const PORT = 'platform-fd500000.pcie-pci-0000:01:00.0-usb-0';

function find(text: string): Promise<string> {
  const name = parseCameraName(text);
  assert.ok(name, text);
  return findCamera(name, tree.folders, async (path) => capturing.includes(path));
}

test('a path is taken as it stands', async () => {
  assert.equal(await find('/dev/v4l/by-id/whatever'), '/dev/v4l/by-id/whatever');
});

for (const name of [
  'usb:046d:0825',
  'usb:046D:0825',
  'usb:046d:0825:A1',
  'serial:A1',
  `path:${PORT}:1.2:1.0`,
  `path:${PORT}:1.2:1.0-video-index0`,
  'path:platform-fd500000.pcie-pci-0000:01:00.0-usbv2-0:1.2:1.0',
]) {
  test(`${name} finds its camera, whatever number its node has`, async () => {
    tree.plug({ ...WEBCAM, port: '1-1.3', vendorId: '1bcf', serial: 'A2', nodes: [0, 1] });
    for (const [first, second] of [
      [2, 3],
      [7, 6],
    ] as const) {
      tree.plug({ ...WEBCAM, port: '1-1.2', serial: 'A1', nodes: [first, second] });
      capturing = [tree.at(`dev/video${first}`)];
      assert.equal(await find(name), tree.at(`dev/video${first}`));
      tree.unplug(first, second);
    }
  });
}

test('of the nodes of a camera the one that captures video is taken', async () => {
  tree.plug({ ...WEBCAM, port: '1-1', nodes: [0, 1, 2] });
  capturing = [tree.at('dev/video1'), tree.at('dev/video2')];
  assert.equal(await find('usb:046d:0825'), tree.at('dev/video1'));
});

test('a node of many can be named by its index', async () => {
  tree.plug({ ...WEBCAM, port: '1-1', nodes: [4, 5, 6] });
  assert.equal(await find(`path:${PORT}:1:1.0-video-index2`), tree.at('dev/video6'));
});

test('a node that cannot be asked is taken, for whoever opens it to tell why', async () => {
  tree.plug({ ...WEBCAM, port: '1-1', nodes: [0, 1] });
  const name = parseCameraName('usb:046d:0825')!;
  const path = await findCamera(name, tree.folders, () => Promise.reject(new Error('EACCES')));
  assert.equal(path, tree.at('dev/video0'));
});

test('two cameras of one model without serial numbers are a conflict that lists their ports', async () => {
  tree.plug({ ...WEBCAM, port: '1-1.2', nodes: [0, 1], name: 'Webcam C270' });
  tree.plug({ ...WEBCAM, port: '1-1.4', nodes: [2, 3], name: 'Webcam C270' });
  await assert.rejects(find('usb:046d:0825'), {
    code: 'conflict',
    message: new RegExp(
      'as 2 cameras go by that name: received "usb:046d:0825"\\. Take one of: ' +
        `path:\\S+usbv2-0:1\\.2:1\\.0 \\(Webcam C270\\), path:\\S+usbv2-0:1\\.4:1\\.0 \\(Webcam C270\\)`,
    ),
  });
  capturing = [tree.at('dev/video2')];
  assert.equal(await find(`path:${PORT}:1.4:1.0`), tree.at('dev/video2'));
});

test('two cameras of one model with serial numbers are a conflict that lists these', async () => {
  tree.plug({ ...WEBCAM, port: '1-1.2', serial: 'A1', nodes: [0], name: 'C270' });
  tree.plug({ ...WEBCAM, port: '1-1.4', serial: 'A2', nodes: [2], name: 'C270' });
  await assert.rejects(find('usb:046d:0825'), {
    code: 'conflict',
    message: /Take one of: usb:046d:0825:A1 \(C270\), usb:046d:0825:A2 \(C270\)$/,
  });
});

test('two cameras with the same serial number are a conflict', async () => {
  tree.plug({ ...WEBCAM, port: '1-1.2', serial: 'SN0001', nodes: [0] });
  tree.plug({ ...WEBCAM, port: '1-1.4', serial: 'SN0001', nodes: [2] });
  for (const name of ['serial:SN0001', 'usb:046d:0825:SN0001']) await assert.rejects(find(name), { code: 'conflict' });
});

test('two cameras in one USB device are told apart by their interface alone', async () => {
  tree.plug({ ...WEBCAM, port: '1-1', serial: 'S', nodes: [0, 1] });
  tree.plug({ ...WEBCAM, port: '1-1', serial: 'S', nodes: [2, 3], interface: 2 });
  await assert.rejects(find('serial:S'), { code: 'conflict', message: /0:1:1\.0 .*0:1:1\.2 / });
  capturing = [tree.at('dev/video2')];
  assert.equal(await find(`path:${PORT}:1:1.2`), tree.at('dev/video2'));
});

test('equal ports of the hubs for USB 2 and USB 3 of one controller are told apart by the revision', async () => {
  tree.plug({ ...WEBCAM, port: '1-2', nodes: [0] });
  tree.plug({ ...WEBCAM, port: '2-2', nodes: [2], rootHub: { protocol: '03', speed: '5000' } });
  await assert.rejects(find(`path:${PORT}:2:1.0`), { code: 'conflict', message: /usbv2-0:2:1\.0 .*usbv3-0:2:1\.0 / });
  assert.equal(await find(`path:${PORT.replace('usb-0', 'usbv3-0')}:2:1.0`), tree.at('dev/video2'));
});

test('a camera that is not there is not_found, naming those that are', async () => {
  tree.plug({ ...WEBCAM, port: '1-1', serial: 'A1', nodes: [0, 1], name: 'Webcam C270' });
  await assert.rejects(find('serial:A9'), {
    code: 'not_found',
    message: /none of that name is connected: received "serial:A9"\. Connected: usb:046d:0825:A1 \(Webcam C270\)$/,
  });
});

test('without any camera not_found tells what to look at', async () => {
  await assert.rejects(find('usb:046d:0825'), {
    code: 'not_found',
    message: /no video device at all: check the cable/,
  });
});

test('a camera on no bus that sysfs knows is found by the path that udev gave it', async () => {
  tree.node(0, tree.devices([['exotic0', 'exotic']]), 0);
  tree.link('dev/v4l/by-path/exotic-7-video-index0', 'dev/video0');
  assert.equal(await find('path:exotic-7'), tree.at('dev/video0'));
});

test('a camera of a serial interface (CSI) is found by its path', async () => {
  const device = tree.devices([
    ['platform', ''],
    ['soc', 'platform'],
    ['fe801000.csi', 'platform'],
  ]);
  tree.node(0, device, 0, 'unicam-image');
  assert.equal(await find('path:platform-fe801000.csi'), tree.at('dev/video0'));
});

test('the names of a camera lead back to it', async () => {
  tree.plug({ ...WEBCAM, port: '1-1.2', serial: 'A1', nodes: [0] });
  tree.plug({ ...WEBCAM, port: '1-1.3', serial: 'A2', nodes: [1] });
  const [node] = await listDeviceNodes(tree.folders);
  const names = namesOf(node!);
  assert.deepEqual(names, ['usb:046d:0825:A1', 'serial:A1', `path:${PORT}:1.2:1.0`]);
  for (const name of names) assert.equal(await find(name), tree.at('dev/video0'));
});

const NAMES: readonly (readonly [text: string, name: CameraName | undefined])[] = [
  ['/dev/video0', { kind: 'node', path: '/dev/video0' }],
  ['usb:046D:0825', { kind: 'usb', vendorId: '046d', productId: '0825', serial: undefined }],
  ['usb:046d:0825:A:1', { kind: 'usb', vendorId: '046d', productId: '0825', serial: 'A:1' }],
  ['serial:A 1', { kind: 'serial', serial: 'A 1' }],
  ['path:x-video-index1', { kind: 'path', idPath: 'x', index: 1 }],
  ['usb:46d:825', undefined],
  ['usb:046d:0825:', undefined],
  ['serial:', undefined],
  ['path:', undefined],
  ['video0', undefined],
];
for (const [text, name] of NAMES) {
  test(`parseCameraName takes ${text} for ${name?.kind ?? 'nothing'}`, () => {
    assert.deepEqual(parseCameraName(text), name);
    if (name !== undefined) assert.equal(cameraNameText(name).toLowerCase(), text.toLowerCase());
  });
}
