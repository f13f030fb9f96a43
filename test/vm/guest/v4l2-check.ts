/**
 * The V4L2 binding and the `v4l2` source against the real kernel: uvcvideo with a simulated USB camera, and vivid.
 * Runs inside the test VM, as root, with vivid not loaded: `node --expose-gc v4l2-check.ts`.
 */
import { after, before } from 'node:test';
import { checkSource } from './v4l2/source.ts';
import { checkSourceFaults } from './v4l2/source-faults.ts';
import { checkBindingWithUsb } from './v4l2/usb-binding.ts';
import { PluggedCamera } from './v4l2/usb-camera.ts';
import { checkVivid } from './v4l2/vivid.ts';

const usb = new PluggedCamera();
before(() => usb.plug());
after(() => usb.unplug());

checkSource(usb);
checkSourceFaults(usb);
checkBindingWithUsb(usb);
checkVivid();
