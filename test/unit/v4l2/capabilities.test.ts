import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCapabilities } from '../../../src/v4l2/capabilities.ts';
import { CAPABILITY } from '../../../src/v4l2/struct-layouts.ts';

const VIDEO_CAPTURE = 0x00000001;
const META_CAPTURE = 0x00800000;
const STREAMING = 0x04000000;
const DEVICE_CAPS = 0x80000000;

function capability(all: number, ofNode: number): Buffer {
  const { at } = CAPABILITY;
  const bytes = Buffer.alloc(CAPABILITY.size);
  bytes.write('uvcvideo', at.driver);
  bytes.write('HD Pro Webcam C920', at.card);
  bytes.write('usb-0000:01:00.0-1.2', at.bus_info);
  bytes.writeUInt32LE((6 << 16) | (12 << 8) | 34, at.version);
  bytes.writeUInt32LE(all >>> 0, at.capabilities);
  bytes.writeUInt32LE(ofNode >>> 0, at.device_caps);
  return bytes;
}

test('readCapabilities gives names, place and version', () => {
  const { driver, card, bus, version } = readCapabilities(capability(VIDEO_CAPTURE, 0));
  assert.deepEqual(
    { driver, card, bus, version },
    { driver: 'uvcvideo', card: 'HD Pro Webcam C920', bus: 'usb-0000:01:00.0-1.2', version: '6.12.34' },
  );
});

test('readCapabilities gives the roles of the node, not of the whole device', () => {
  const all = VIDEO_CAPTURE | META_CAPTURE | STREAMING | DEVICE_CAPS;
  const { roles, streaming } = readCapabilities(capability(all, META_CAPTURE));
  assert.deepEqual([roles, streaming], [['metadata_capture'], false]);
});

test('readCapabilities takes the roles of the device when the driver tells none of the node', () => {
  const { roles, streaming } = readCapabilities(capability(VIDEO_CAPTURE | STREAMING, META_CAPTURE));
  assert.deepEqual([roles, streaming], [['video_capture'], true]);
});
