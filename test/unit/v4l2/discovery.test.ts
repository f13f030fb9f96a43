import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { describeDeviceNodes, listDeviceNodes, type NodeFolders } from '../../../src/v4l2/device-nodes.ts';
import { listDevices } from '../../../src/v4l2/discovery.ts';

/** Folders laid out as udev and sysfs do it. The nodes are plain files: names and links are all that counts here. */
let root: string;
let folders: NodeFolders;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'discovery-')));
  folders = { dev: join(root, 'dev'), sysfs: join(root, 'sys') };
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

test('listDevices is empty where there is no video device', async () => {
  assert.deepEqual(await listDevices(folders), []);
});

test('listDeviceNodes gives the video nodes alone, by number', async () => {
  for (const name of ['video10', 'video2', 'video', 'videox', 'vbi0']) write(`dev/${name}`);
  const nodes = await listDeviceNodes(folders);
  assert.deepEqual(
    nodes.map((node) => node.path),
    [join(folders.dev, 'video2'), join(folders.dev, 'video10')],
  );
});

test('listDeviceNodes gives the name that sysfs has, and every link to the node', async () => {
  write('dev/video0');
  write('dev/video1');
  write('sys/video0/name', 'HD Camera\n');
  link('dev/v4l/by-id/usb-cam-index0', '../../video0');
  link('dev/v4l/by-path/platform-1.2-index0', '../../video0');
  link('dev/v4l/by-path/platform-1.2-index1', '../../video1');
  const [first, second] = await listDeviceNodes(folders);
  assert.deepEqual(first, {
    path: join(folders.dev, 'video0'),
    name: 'HD Camera',
    byId: [join(folders.dev, 'v4l/by-id/usb-cam-index0')],
    byPath: [join(folders.dev, 'v4l/by-path/platform-1.2-index0')],
  });
  assert.deepEqual([second?.name, second?.byId.length, second?.byPath.length], [undefined, 0, 1]);
});

test('listDeviceNodes passes over a link to a node that has gone', async () => {
  write('dev/video0');
  link('dev/v4l/by-id/usb-gone', '../../video7');
  assert.deepEqual((await listDeviceNodes(folders))[0]?.byId, []);
});

test('listDevices tells why a node cannot be asked, and goes on with the next', async () => {
  write('dev/video0');
  write('dev/video1');
  const devices = await listDevices(folders);
  assert.deepEqual(
    devices.map(({ capabilities, formats, problem }) => [capabilities, formats, problem?.code]),
    [
      [undefined, [], 'unsupported'],
      [undefined, [], 'unsupported'],
    ],
  );
});

test('describeDeviceNodes names what there is, or says that there is nothing', async () => {
  assert.match(await describeDeviceNodes(folders), /no video device at all: check the cable/);
  write('dev/video0');
  write('sys/video0/name', 'HD Camera\n');
  assert.equal(await describeDeviceNodes(folders), `Video devices here: ${folders.dev}/video0 (HD Camera)`);
});
