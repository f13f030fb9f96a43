/**
 * The V4L2 binding and the `v4l2` source against the real kernel: uvcvideo with a simulated USB camera, and vivid.
 * Runs inside the test VM, as root, with vivid not loaded: `node --expose-gc v4l2-check.ts`.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkCodecs } from './v4l2/codecs.ts';
import { checkM2mEncoder } from './v4l2/m2m-encoder.ts';
import { checkNames } from './v4l2/names.ts';
import { holdings } from './v4l2/process-holdings.ts';
import { checkSource } from './v4l2/source.ts';
import { checkSourceFaults } from './v4l2/source-faults.ts';
import { checkBindingWithUsb } from './v4l2/usb-binding.ts';
import { PluggedCamera } from './v4l2/usb-camera.ts';
import { checkControls } from './v4l2/vivid-controls.ts';
import { checkEvents } from './v4l2/vivid-events.ts';
import { checkFormats } from './v4l2/vivid-formats.ts';
import { checkSourceWithVivid } from './v4l2/vivid-source.ts';
import { checkStreams } from './v4l2/vivid-streams.ts';

process.stderr.write('the tests begin\n');
const atFirst = holdings();

describe('With a USB camera', () => {
  const usb = new PluggedCamera();
  before(() => usb.plug());
  after(() => usb.unplug());
  checkSource(usb);
  checkSourceFaults(usb);
  checkBindingWithUsb(usb);
  checkNames(usb);
});

for (const check of [checkSourceWithVivid, checkFormats, checkControls, checkEvents, checkStreams]) {
  describe('With vivid', check);
}

describe('With codecs', () => checkCodecs());
describe('With a converter', () => checkM2mEncoder());

test('Nothing is left of all this: no descriptor, no memory map, no timer', () => {
  assert.deepEqual(holdings(), atFirst);
});
