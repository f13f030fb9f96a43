import assert from 'node:assert/strict';
import { type RtpJpegRefusal, rtpJpegForm } from '../../../src/rtp/jpeg-form.ts';
import { pictureTarget } from '../picture-target.ts';
import { ACCEPTED, reasonsOf } from '../target.ts';

export const FORM_REFUSALS = reasonsOf<RtpJpegRefusal>({
  progressive: true,
  lossless: true,
  arithmetic: true,
  hierarchical: true,
  twelve_bit: true,
  several_scans: true,
  grayscale: true,
  cmyk: true,
  subsampling: true,
  huffman: true,
  huffman_selectors: true,
  table_missing: true,
  table_16_bit: true,
  chroma_tables_differ: true,
  no_size: true,
  scan_empty: true,
  scan_too_long: true,
});

const TABLE_BYTES = 64;
const MAX_SIDE = 2040;

/** How pictures go over RTP: every figure fits the header it is for, and all offsets lie within the picture. */
export const rtpFormTarget = pictureTarget('rtp-form', FORM_REFUSALS, (input, layout) => {
  const form = rtpJpegForm(layout, input);
  if (typeof form === 'string') return form;
  const { width, height, scanStart, scanEnd } = layout;
  assert.ok([0, 1, 64, 65].includes(form.type), `type ${form.type}`);
  assert.equal(form.type >= 64, form.restartInterval > 0, 'type and restart interval disagree');
  assert.equal(form.restartInterval, layout.restartInterval);
  assert.deepEqual([form.scanStart, form.scanEnd], [scanStart, scanEnd]);
  for (const at of [form.lumaTableAt, form.chromaTableAt]) {
    assert.ok(at > 0 && at + TABLE_BYTES <= layout.sosStart, 'a table lies outside');
  }
  if (width > MAX_SIDE || height > MAX_SIDE) {
    assert.deepEqual([form.width8, form.height8, form.largeSize], [0, 0, { width, height }]);
  } else {
    assert.deepEqual([form.width8, form.height8], [Math.ceil(width / 8), Math.ceil(height / 8)]);
    assert.ok(width > 0 && height > 0 && form.largeSize === undefined);
  }
  return ACCEPTED;
});
