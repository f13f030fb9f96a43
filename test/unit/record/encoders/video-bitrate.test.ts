import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EncodeJob } from '../../../../src/record/encoders/encoder-profile.ts';
import { bitrateKbps, bitrateOptions, mpeg4Quantiser } from '../../../../src/record/encoders/video-bitrate.ts';

const job = (width: number, height: number, fps: number, crf: number, bitrate?: number): EncodeJob => ({
  size: { width, height },
  fps,
  quality: { crf, bitrateKbps: bitrate },
  device: undefined,
});

test('bitrate follows the pixels a second, and doubles with six steps of quality', () => {
  assert.equal(bitrateKbps(job(1280, 720, 30, 23)), 2765);
  assert.equal(bitrateKbps(job(1280, 720, 15, 23)), 1382);
  assert.equal(bitrateKbps(job(1280, 720, 30, 17)), 5530);
});

test('bitrate is the one that is asked for', () => {
  assert.equal(bitrateKbps(job(1280, 720, 30, 23, 4000)), 4000);
});

test('bitrate stays within what an encoder takes', () => {
  assert.equal(bitrateKbps(job(160, 120, 1, 40)), 300);
  assert.equal(bitrateKbps(job(3840, 2160, 60, 10)), 25_000);
});

test('bitrate is that of 720p as long as no picture has told the size', () => {
  assert.equal(bitrateKbps({ ...job(1, 1, 30, 23), size: undefined }), 2765);
});

test('bitrate is held within two seconds', () => {
  assert.deepEqual(bitrateOptions(4000), ['-b:v', '4000k', '-maxrate', '4000k', '-bufsize', '8000k']);
});

test('MPEG-4 quantiser stands for a CRF and stays within 2 to 31', () => {
  assert.deepEqual([10, 17, 23, 29, 40].map(mpeg4Quantiser), [2, 2, 4, 9, 31]);
});
