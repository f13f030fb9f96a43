import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configuredStream } from '../../../../src/app/camera/configured-stream.ts';
import { parseConfig } from '../../../../src/config/load-config.ts';
import { TARGET_DEFAULTS } from '../../../../src/stream/rtp-target.ts';

const streamOf = (rtp: object) => {
  const cameras = [{ id: 'front', source: 'synthetic:64x48', rtp: [{ host: '192.0.2.7', ...rtp }] }];
  const [camera] = parseConfig({ cameras }, {}, 'test').cameras;
  return configuredStream(camera!.rtp[0]!);
};

test('a stream that says only where it goes has the defaults of every other', () => {
  assert.deepEqual(streamOf({}), { target: { ...TARGET_DEFAULTS, host: '192.0.2.7', port: 5004 }, sdpFile: '' });
});

test('a stream is sent as the config says', () => {
  const { target, sdpFile } = streamOf({
    port: 6000,
    ttl: 5,
    interface: 'eth0',
    loop: false,
    dscp: 46,
    rtcp_port: 7001,
    srtp_key_file: 'credential:srtp',
    sdp_file: '/run/front.sdp',
  });
  const changes = { ttl: 5, interface: 'eth0', loop: false, dscp: 46, rtcpPort: 7001, srtpKeyFile: 'credential:srtp' };
  assert.deepEqual(target, { ...TARGET_DEFAULTS, host: '192.0.2.7', port: 6000, ...changes });
  assert.equal(sdpFile, '/run/front.sdp');
});
