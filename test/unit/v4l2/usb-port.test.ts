import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { parseCameraName } from '../../../src/v4l2/camera-name.ts';
import { isPluggedIn, usbPortOf } from '../../../src/v4l2/usb-port.ts';
import { DeviceTree } from '../../support/device-tree.ts';

let tree: DeviceTree;
beforeEach(() => {
  tree = new DeviceTree();
  tree.plug({ port: '1-1.4', vendorId: '046d', productId: '0825', serial: 'A1', nodes: [2, 3] });
  tree.plug({ port: '1-1.3', vendorId: '046d', productId: '0826', nodes: [0, 1] });
});
afterEach(() => tree[Symbol.dispose]());

/** Of a camera's name, or of a path inside the tree. */
const name = (text: string) => parseCameraName(text) ?? { kind: 'node' as const, path: tree.at(text) };

for (const text of ['serial:A1', 'usb:046d:0825', 'dev/video2', 'dev/cambox/by-serial/front']) {
  test(`the USB device of ${text} is found`, async () => {
    tree.link('dev/cambox/by-serial/front', 'dev/video2');
    assert.equal(await usbPortOf(name(text), tree.folders), '1-1.4');
    assert.equal(await isPluggedIn(name(text), tree.folders), true);
  });
}

for (const text of ['serial:A1', 'usb:046d:0825', 'dev/video2', 'dev/cambox/by-serial/front']) {
  test(`an unplugged ${text} is neither plugged in nor a USB device`, async () => {
    tree.link('dev/cambox/by-serial/front', 'dev/video2'); // udev takes it away a little later
    tree.unplug(2, 3);
    assert.equal(await isPluggedIn(name(text), tree.folders), false);
    assert.equal(await usbPortOf(name(text), tree.folders), undefined);
  });
}

test('a camera that is not on USB has no USB device, and is plugged in', async () => {
  tree.node(
    5,
    tree.devices([
      ['platform', ''],
      ['csi-camera', 'platform'],
    ]),
    0,
  );
  assert.equal(await usbPortOf(name('dev/video5'), tree.folders), undefined);
  assert.equal(await isPluggedIn(name('dev/video5'), tree.folders), true);
});
