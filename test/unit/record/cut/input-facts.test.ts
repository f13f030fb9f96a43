import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseInputFacts } from '../../../../src/record/cut/input-facts.ts';

const VIDEO = {
  ...{ index: 1, codec_type: 'video', codec_name: 'h264', width: 1280, height: 720, start_time: '1.480000' },
  ...{ duration: '10.000000', time_base: '1/90000', avg_frame_rate: '30000/1001', disposition: { attached_pic: 0 } },
};
const AUDIO = { index: 0, codec_type: 'audio', codec_name: 'aac' };
const FORMAT = { format_name: 'mpegts', start_time: '1.400000', duration: '10.100000' };

const parse = (streams: readonly object[], format: object = FORMAT) =>
  parseInputFacts(JSON.stringify({ streams, format }));

test('facts of a file are read', () => {
  const facts = parse([AUDIO, VIDEO]);
  assert.ok(typeof facts === 'object');
  assert.deepEqual(facts.audio, [{ index: 0, codec: 'aac' }]);
  assert.deepEqual([facts.startUs, facts.format], [1_400_000, 'mpegts']);
  const { index, codec, size, startUs, durationUs, frameUs } = facts.video;
  assert.deepEqual([index, codec, size], [1, 'h264', { width: 1280, height: 720 }]);
  assert.deepEqual([startUs, durationUs, Math.round(frameUs)], [1_480_000, 10_000_000, 33_367]);
});

test('a length that the video does not tell is that of the file, from the first picture on', () => {
  const facts = parse([{ ...VIDEO, duration: 'N/A' }]);
  assert.equal(typeof facts === 'object' && facts.video.durationUs, 10_020_000);
});

test('a length that nothing tells is unknown', () => {
  const facts = parse([{ ...VIDEO, duration: undefined }], { format_name: 'h264' });
  assert.equal(typeof facts === 'object' && facts.video.durationUs, undefined);
});

test('a video that is to be turned by a quarter is as high as it was wide', () => {
  for (const turned of [{ side_data_list: [{}, { rotation: -90 }] }, { tags: { rotate: '270' } }]) {
    const facts = parse([{ ...VIDEO, ...turned }]);
    assert.deepEqual(typeof facts === 'object' && facts.video.size, { width: 720, height: 1280 });
  }
});

test('the picture on an album is no video', () => {
  const cover = { ...VIDEO, codec_name: 'mjpeg', disposition: { attached_pic: 1 } };
  assert.equal(parse([AUDIO, cover]), 'audio_only');
  assert.equal(parse([cover]), 'no_video');
});

test('[property] what is no answer of ffprobe is told, and never thrown', () => {
  assert.equal(parseInputFacts(''), 'no_json');
  assert.equal(parseInputFacts('null'), 'no_json');
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      parseInputFacts(JSON.stringify(value) ?? '');
    }),
    { seed: 5, numRuns: 300 },
  );
});
