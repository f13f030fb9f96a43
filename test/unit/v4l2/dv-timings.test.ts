import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDvTimings } from '../../../src/v4l2/dv-timings.ts';
import { DV_TIMINGS } from '../../../src/v4l2/struct-layouts.ts';

function timings(fields: Partial<Record<keyof typeof DV_TIMINGS.at, number>>, pixelClock: bigint): Buffer {
  const raw = Buffer.alloc(DV_TIMINGS.size);
  for (const [field, value] of Object.entries(fields)) {
    raw.writeUInt32LE(value, DV_TIMINGS.at[field as keyof typeof DV_TIMINGS.at]);
  }
  raw.writeBigUInt64LE(pixelClock, DV_TIMINGS.at['bt.pixelclock']);
  return raw;
}

// Both are of <linux/v4l2-dv-timings.h>: V4L2_DV_BT_CEA_1920X1080I50 and ..._1280X720P60 at NTSC's clock.
test('readDvTimings counts the pictures of an interlaced signal, not its fields', () => {
  const raw = timings(
    {
      'bt.width': 1920,
      'bt.height': 1080,
      'bt.interlaced': 1,
      'bt.hfrontporch': 528,
      'bt.hsync': 44,
      'bt.hbackporch': 148,
      'bt.vfrontporch': 2,
      'bt.vsync': 5,
      'bt.vbackporch': 15,
      'bt.il_vfrontporch': 2,
      'bt.il_vsync': 5,
      'bt.il_vbackporch': 16,
    },
    74_250_000n,
  );
  const { raw: _, ...shown } = readDvTimings(raw);
  assert.deepEqual(shown, { width: 1920, height: 1080, interlaced: true, fps: 25 });
});

test('readDvTimings gives rates to a thousandth', () => {
  const raw = timings(
    {
      'bt.width': 1280,
      'bt.height': 720,
      'bt.hfrontporch': 110,
      'bt.hsync': 40,
      'bt.hbackporch': 220,
      'bt.vfrontporch': 5,
      'bt.vsync': 5,
      'bt.vbackporch': 20,
    },
    74_175_824n,
  );
  assert.equal(readDvTimings(raw).fps, 59.94);
});

test('readDvTimings gives no rate for timings that are empty', () => {
  assert.equal(readDvTimings(Buffer.alloc(DV_TIMINGS.size)).fps, 0);
});
