import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameArena } from '../../../../src/frame/frame-arena.ts';
import { openSource, readUntil } from './opened-source.ts';
import { openDescriptors } from './process-holdings.ts';
import type { PluggedCamera } from './usb-camera.ts';

/** The `v4l2` source with every fault that a USB camera can have. */
export function checkSourceFaults(usb: PluggedCamera): void {
  describe('The v4l2 source with a faulty camera', () => {
    test('drops truncated frames as such and goes on', async () => {
      await using source = await openSource(usb);
      await readUntil(source, 40, (number) => {
        if (number === 5) usb.tell('truncate 3');
      });
      const dropped = source.counts.dropped.of('no_eoi'); // an emulated processor may be too slow for one of the three
      assert.ok(dropped >= 1 && dropped <= 3, JSON.stringify(source.counts));
      assert.equal(source.counts.captured, 40);
    });

    test('counts a gap for frames that the driver threw away', async () => {
      await using source = await openSource(usb);
      await readUntil(source, 40, (number) => {
        if (number === 5) usb.tell('err 3');
      });
      assert.ok(source.counts.gaps >= 3, JSON.stringify(source.counts));
    });

    test('throws device_silent when the camera freezes, and works again when it thaws', async () => {
      {
        await using source = await openSource(usb);
        let frozenAt = 0;
        const { error } = await readUntil(source, 1000, (number) => {
          if (number !== 5) return;
          usb.tell('freeze');
          frozenAt = performance.now();
        });
        const tookMs = performance.now() - frozenAt;
        assert.equal(error?.code, 'device_silent');
        assert.match(error.message, /no frame for 3\.\d s/);
        assert.ok(tookMs > 2900 && tookMs < 5000, `${tookMs} ms`);
      }
      usb.tell('thaw');
      await using again = await openSource(usb);
      assert.equal((await readUntil(again, 5)).frames, 5);
    });

    test('throws device_lost within a second (here times five) of an unplug, again and again, and leaks no descriptor', async (t) => {
      const descriptors = openDescriptors();
      for (let cycle = 0; cycle < 3; cycle++) {
        const arena = new FrameArena(16e6);
        const source = await openSource(usb, {}, arena);
        let pulledAt = 0;
        let gone: Promise<void> | undefined;
        const { error } = await readUntil(source, 1000, (number) => {
          if (number !== 10) return;
          pulledAt = performance.now();
          gone = usb.unplug();
        });
        const tookMs = performance.now() - pulledAt;
        t.diagnostic(`device_lost after ${tookMs.toFixed(0)} ms, counts ${JSON.stringify(source.counts)}`);
        assert.equal(error?.code, 'device_lost', error?.message);
        assert.ok(tookMs < 5000, `${tookMs} ms`);
        await source[Symbol.asyncDispose]();
        assert.equal(arena.usedBytes, 0);
        await gone;
        await assert.rejects(openSource(usb), { code: 'not_found' });
        await usb.plug();
      }
      const settled = await openSource(usb);
      assert.equal((await readUntil(settled, 5)).frames, 5);
      await settled[Symbol.asyncDispose]();
      assert.equal(openDescriptors(), descriptors);
    });

    test('throws device_stalled when the endpoint stalls, and works again after a replug', async (t) => {
      {
        await using source = await openSource(usb);
        const { error } = await readUntil(source, 1000, (number) => {
          if (number === 5) usb.tell('stall');
        });
        t.diagnostic(`counts ${JSON.stringify(source.counts)}`);
        assert.equal(error?.code, 'device_stalled', error?.message);
      }
      await usb.unplug();
      await usb.plug();
      await using again = await openSource(usb);
      assert.equal((await readUntil(again, 5)).frames, 5);
    });
  });
}
