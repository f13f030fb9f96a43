import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProgressReader } from '../../../../src/record/ffmpeg/ffmpeg-progress.ts';

/** As ffmpeg 5.1 writes it. */
const report = (outTimeUs: string, totalSize: string): string =>
  `frame=25\nfps=0.00\nbitrate=  52.3kbits/s\ntotal_size=${totalSize}\nout_time_us=${outTimeUs}\nout_time=00:00:01\nspeed=1.9x\nprogress=continue\n`;

test('progress is told at the end of each report', () => {
  const reader = new ProgressReader();
  assert.deepEqual(reader.push(Buffer.from(report('1000000', '4096'))), { outTimeUs: 1_000_000, totalBytes: 4096 });
});

test('progress is the same however its bytes are cut', () => {
  const bytes = Buffer.from(report('40', '1') + report('2000000', '77'));
  for (const size of [1, 7, 50]) {
    const reader = new ProgressReader();
    let last: unknown;
    for (let at = 0; at < bytes.length; at += size) last = reader.push(bytes.subarray(at, at + size)) ?? last;
    assert.deepEqual(last, { outTimeUs: 2_000_000, totalBytes: 77 });
  }
});

test('progress stays where it was while ffmpeg knows no figure, and is bounded whatever comes', () => {
  const reader = new ProgressReader();
  assert.deepEqual(reader.push(Buffer.from(report('N/A', 'N/A'))), { outTimeUs: 0, totalBytes: 0 });
  for (let i = 0; i < 100; i++) assert.equal(reader.push(Buffer.alloc(10_000, 'x')), undefined);
  assert.deepEqual(reader.push(Buffer.from(`\n${report('5', '6')}`)), { outTimeUs: 5, totalBytes: 6 });
});
