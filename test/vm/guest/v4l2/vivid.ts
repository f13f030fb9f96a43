import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import type { CamboxError } from '../../../../src/base/errors.ts';
import { setControl } from '../../../../src/v4l2/control-values.ts';
import { listControls } from '../../../../src/v4l2/controls.ts';
import { V4l2Device } from '../../../../src/v4l2/device.ts';
import { listDevices } from '../../../../src/v4l2/discovery.ts';
import { setFormat } from '../../../../src/v4l2/formats.ts';
import { MmapStream } from '../../../../src/v4l2/streaming.ts';
import { openSource } from './opened-source.ts';

/** The binding with vivid, the kernel's own test camera. */
export function checkVivid(): void {
  describe('The V4L2 binding with vivid', () => {
    let vivid: string;
    before(() => {
      execFileSync('modprobe', ['vivid', 'n_devs=1', 'node_types=0x1', 'multiplanar=1']);
      vivid = `/dev/${readdirSync('/sys/bus/platform/drivers/vivid/vivid.0/video4linux')[0]}`;
    });

    /** Stream, press a button of vivid's once frames come, and give the error that the stream ends with. */
    async function errorAfter(button: string): Promise<CamboxError> {
      await using device = await V4l2Device.open(vivid);
      const control = (await listControls(device)).find(({ name }) => name === button);
      assert.ok(control?.kind === 'button', `no button ${button}`);
      await setFormat(device, { fourcc: 'YUYV', width: 320, height: 180 });
      await using stream = await MmapStream.open(device, 4);
      await stream.start();
      let frames = 0;
      return await new Promise((resolve, reject) => {
        const drain = (): void => {
          for (;;) {
            const outcome = stream.dequeue();
            if (outcome === 'empty') return;
            if ('errno' in outcome) {
              resolve(stream.explain(outcome));
              return;
            }
            stream.requeue(outcome.index);
            if (++frames === 5) setControl(device, control, 1).catch(reject);
          }
        };
        stream.watch({ readable: drain, broke: drain });
      });
    }

    test('lists ranges of sizes and rates', async () => {
      const found = (await listDevices()).find((device) => device.path === vivid);
      assert.ok((found?.formats.length ?? 0) > 50);
      assert.ok(found?.formats.every((format) => format.sizes.length > 0));
    });

    test('lists controls with their menus, and refuses to set one that is read-only', async () => {
      await using device = await V4l2Device.open(vivid);
      const controls = await listControls(device);
      const pattern = controls.find(({ name }) => name === 'test_pattern');
      assert.ok(pattern?.kind === 'menu');
      assert.equal(pattern.menu[0]?.label, '75% Colorbar');
      assert.equal(await setControl(device, pattern, 3), 3);
      const readOnly = controls.find((control) => control.readOnly);
      assert.ok(readOnly?.kind === 'integer');
      await assert.rejects(setControl(device, readOnly, 1), { code: 'unsupported', message: /EACCES/ });
    });

    test('is refused by the source, with what it offers', async () => {
      await assert.rejects(openSource({ path: vivid }), {
        code: 'unsupported',
        message: /no MJPG.*It offers: .* more$/,
      });
    });

    test('tells a failure from a loss', async () => {
      assert.equal((await errorAfter('inject_fatal_streaming_error')).code, 'device_failed');
      assert.equal((await errorAfter('disconnect')).code, 'device_lost');
    });
  });
}
