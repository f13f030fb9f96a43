import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prometheusText, telemetryCsv } from '../../../../src/catalog/telemetry/telemetry-export.ts';

test('telemetry as CSV has a row for each step of each figure', () => {
  const buckets = [{ t_ms: 0, count: 6, avg: 1.5, min: 1, max: 2 }];
  const csv = telemetryCsv({ step_ms: 60_000, resolution: 'minutes', series: [{ metric: 'rss_mb', buckets }] });
  assert.equal(csv, 'time,metric,count,avg,min,max\n1970-01-01T00:00:00.000Z,rss_mb,6,1.5,1,2\n');
});

test("a sample in Prometheus' text format has the camera as a label, and all lines of a metric together", () => {
  const text = prometheusText({ rss_mb: 64, 'cam.front.frames': 1, 'cam.front.clips': 0, 'cam.rear-2.frames': 2 });
  assert.equal(
    text,
    [
      '# TYPE cambox_rss_mb gauge',
      'cambox_rss_mb 64',
      '# TYPE cambox_cam_frames counter',
      'cambox_cam_frames{camera="front"} 1',
      'cambox_cam_frames{camera="rear-2"} 2',
      '# TYPE cambox_cam_clips gauge',
      'cambox_cam_clips{camera="front"} 0',
      '',
    ].join('\n'),
  );
});
