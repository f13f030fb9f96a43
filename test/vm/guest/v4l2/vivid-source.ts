import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openSource } from './opened-source.ts';
import { VividDevices } from './vivid-devices.ts';

/** The `v4l2` source with a camera that has no JPEG. */
export function checkSourceWithVivid(): void {
  const vivid = new VividDevices();
  before(() => vivid.load());
  after(() => vivid.unload());

  describe('The v4l2 source with vivid', () => {
    test('refuses it, with what it offers', async () => {
      await assert.rejects(openSource({ path: vivid.singlePlanar }), {
        code: 'unsupported',
        message: /no MJPG.*It offers: .* more$/,
      });
    });
  });
}
