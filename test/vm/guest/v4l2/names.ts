import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { namesOf, parseCameraName } from '../../../../src/v4l2/camera-name.ts';
import { listDeviceNodes } from '../../../../src/v4l2/device-nodes.ts';
import { findCamera } from '../../../../src/v4l2/find-camera.ts';
import { HotplugWatch } from '../../../../src/v4l2/hotplug-watch.ts';
import { withoutUsbRevision } from '../../../../src/v4l2/id-path.ts';
import { until } from '../../../support/simulated-camera.ts';
import type { PluggedCamera } from './usb-camera.ts';

/** The guest's CPU is emulated. */
const PATIENCE_MS = 60_000;

/** Names that stay, and hotplug, with the kernel's sysfs and a real udev. */
export function checkNames(usb: PluggedCamera): void {
  describe('Names of cameras', () => {
    test('have the path that udev makes of the same device', async () => {
      const nodes = await listDeviceNodes();
      assert.ok(nodes.length > 0);
      for (const { path, idPath } of nodes) {
        const udev = execFileSync('udevadm', ['info', '--query=property', '--property=ID_PATH', '--value', path]);
        assert.equal(withoutUsbRevision(idPath ?? ''), udev.toString().trim());
      }
    });

    test('lead to the node for pictures, each of them', async () => {
      const node = (await listDeviceNodes()).find(({ byId }) => byId.includes(usb.path));
      const names = namesOf(node!);
      assert.equal(names.length, 5, names.join(' ')); // usb:, serial:, path: and udev's two links
      for (const name of [...names, 'usb:1d6b:0102']) {
        assert.equal(await realpath(await findCamera(parseCameraName(name)!)), node?.path, name);
      }
    });

    test('are found as soon as hotplug tells of the camera', async (t) => {
      await usb.unplug();
      const unwatched: string[] = [];
      using hotplug = HotplugWatch.open((folder) => unwatched.push(folder));
      const [found] = await Promise.all([findAtChanges(hotplug), usb.plug()]);
      t.diagnostic(`${hotplug.changes} changes`);
      assert.equal(found, await realpath(usb.path));
      assert.deepEqual(unwatched, []);
    });
  });
}

/** Look for the camera after each change, and at no other time. */
async function findAtChanges(hotplug: HotplugWatch): Promise<string> {
  for (;;) {
    const seen = hotplug.changes;
    const found = await findCamera({ kind: 'serial', serial: 'SIM0001' }).catch(() => undefined);
    if (found !== undefined) return found;
    await until('a change', () => hotplug.changes > seen, PATIENCE_MS);
  }
}
