import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sdp } from '../../../src/rtp/sdp.ts';
import { type DescribedStream, parseSdp } from '../../../src/rtp/sdp-parse.ts';

const KEY = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';

const describe = (...lines: readonly string[]): string => ['v=0', ...lines, ''].join('\r\n');
const stream = (...lines: readonly string[]) => {
  const described = parseSdp(describe(...lines));
  if (typeof described === 'string') assert.fail(described);
  return described;
};

test('a description that cambox writes tells where to listen, and for what', () => {
  const facts = { sessionId: 1, version: 1, origin: '192.0.2.7', host: '192.0.2.9', port: 5004, framesPerSecond: 25 };
  assert.deepEqual(parseSdp(sdp(facts)), {
    port: 5004,
    rtcpPort: 5005,
    address: '192.0.2.9',
    ttl: undefined,
    payloadType: 26,
    size: undefined,
    wantsReports: true,
    srtp: undefined,
  });
});

test('the description of an encrypted stream tells the key, if it may', () => {
  const facts = { sessionId: 1, version: 1, origin: '192.0.2.7', host: '192.0.2.9', port: 5004, framesPerSecond: 25 };
  for (const inlineKey of [KEY, undefined]) {
    const text = sdp({ ...facts, srtp: { suite: 'AES_CM_128_HMAC_SHA1_80', inlineKey } });
    assert.deepEqual((parseSdp(text) as DescribedStream).srtp, { inlineKey });
  }
});

test('a key is read as ffmpeg and others write it [RFC4568 §9.1]', () => {
  const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`;
  const known = { inlineKey: KEY };
  assert.deepEqual(stream('m=video 5004 RTP/AVP 26', crypto).srtp, known, 'ffmpeg');
  assert.deepEqual(stream('m=video 5004 RTP/SAVPF 26', `${crypto}|2^31`).srtp, known, 'with a lifetime');
  const other = 'a=crypto:1 AEAD_AES_128_GCM inline:xyz';
  assert.deepEqual(stream('m=video 5004 RTP/SAVP 26', other, crypto.replace(':1', ':2')).srtp, known, 'the second');
  for (const line of [other, `${crypto}|2^20|1:4`, `${crypto} UNENCRYPTED_SRTP`, `${crypto.slice(0, -1)}`]) {
    assert.equal(parseSdp(describe('m=video 5004 RTP/SAVP 26', line)), 'srtp_suite', line);
  }
});

test('the description that ffmpeg prints is read', () => {
  const text = [
    'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=No Name\nc=IN IP4 127.0.0.1\nt=0 0\na=tool:libavformat 59.27.100',
    'm=video 5004 RTP/AVP 26\nb=AS:200\n',
  ].join('\n');
  assert.equal((parseSdp(text) as { port: number }).port, 5004);
});

test('a dynamic payload type is JPEG when its rtpmap says so [RFC8866 §6.6]', () => {
  const media = 'm=video 5004 RTP/AVP 96 97';
  assert.equal(stream(media, 'a=rtpmap:96 H264/90000', 'a=rtpmap:97 jpeg/90000').payloadType, 97);
});

test('the exact size is that of a=x-dimensions', () => {
  assert.deepEqual(stream('m=video 5004 RTP/AVP 26', 'a=x-dimensions:2560,1440').size, { width: 2560, height: 1440 });
  for (const wrong of ['0,10', '70000,10', '10', 'a,b', '']) {
    assert.equal(stream('m=video 5004 RTP/AVP 26', `a=x-dimensions:${wrong}`).size, undefined, wrong);
  }
});

test('the address of the media section goes before that of the session, without TTL [RFC8866 §5.7]', () => {
  const session = 'c=IN IP4 192.0.2.1';
  assert.equal(stream(session, 'm=video 5004 RTP/AVP 26', 'c=IN IP4 239.1.2.3/16').address, '239.1.2.3');
  assert.equal(stream(session, 'm=video 5004 RTP/AVP 26').address, '192.0.2.1');
  assert.equal(stream('c=IN IP6 ff15::101/3', 'm=video 5004 RTP/AVP 26').address, 'ff15::101');
  assert.equal(stream('c=IN IP6 ff15::101/3', 'm=video 5004 RTP/AVP 26').ttl, undefined);
  assert.equal(stream(session, 'm=video 5004 RTP/AVP 26', 'c=IN IP4 239.1.2.3/16').ttl, 16);
  assert.equal(stream('c=IN IP4 239.1.2.3/300', 'm=video 5004 RTP/AVP 26').ttl, undefined);
  assert.equal(stream('c=IN IP4 camera.example.org', 'm=video 5004 RTP/AVP 26').address, undefined);
});

test('RTCP is on the next port unless told otherwise [RFC3605 §2.1] [RFC5761 §5.1.1]', () => {
  const media = 'm=video 5004 RTP/AVPF 26';
  assert.equal(stream(media).rtcpPort, 5005);
  assert.equal(stream(media, 'a=rtcp:53020 IN IP4 192.0.2.1').rtcpPort, 53_020);
  assert.equal(stream(media, 'a=rtcp-mux').rtcpPort, 5004);
});

test('RTCP has no port when there is none behind that of RTP', () => {
  const media = 'm=video 65535 RTP/AVP 26';
  assert.equal(stream(media).rtcpPort, undefined);
  assert.equal(stream(media, 'a=rtcp:5005').rtcpPort, 5005);
});

test('a payload type beyond 7 bits is none [RFC3550 §5.1]', () => {
  const media = 'm=video 5004 RTP/AVP 128 999';
  assert.equal(parseSdp(describe(media, 'a=rtpmap:128 JPEG/90000', 'a=rtpmap:999 JPEG/90000')), 'no_jpeg');
});

test('no reports are wanted where they have no bandwidth [RFC3556 §2]', () => {
  const facts = { sessionId: 1, version: 1, origin: '192.0.2.7', host: '192.0.2.9', port: 5004, framesPerSecond: 25 };
  assert.equal((parseSdp(sdp({ ...facts, hasRtcp: false })) as DescribedStream).wantsReports, false);
  assert.equal(stream('b=RR:0', 'm=video 5004 RTP/AVP 26').wantsReports, false);
  assert.equal(stream('b=RR:0', 'm=video 5004 RTP/AVP 26', 'b=RR:4000').wantsReports, true);
});

test('the first JPEG stream of several media is taken', () => {
  const lines = [
    'm=audio 5000 RTP/AVP 0',
    'm=video 5002 RTP/AVP 96',
    'a=rtpmap:96 H264/90000',
    'm=video 5004 RTP/AVP 26',
  ];
  assert.equal(stream(...lines).port, 5004);
});

test('a text that describes no stream for us is told by reason', () => {
  assert.equal(parseSdp(''), 'not_sdp');
  assert.equal(parseSdp('<html>'), 'not_sdp');
  assert.equal(parseSdp(describe()), 'no_jpeg');
  assert.equal(parseSdp(describe('m=video 0 RTP/AVP 26')), 'no_jpeg');
  assert.equal(parseSdp(describe('m=video 99999 RTP/AVP 26')), 'no_jpeg');
  assert.equal(parseSdp(describe('m=video 5004 RTP/AVP 26', 'a=rtpmap:26 JPEG/1000')), 'no_jpeg');
  assert.equal(parseSdp(describe('m=video 5004 RTP/AVP 96')), 'no_jpeg');
  assert.equal(parseSdp(describe('m=video 5004 UDP/TLS/RTP/SAVPF 26')), 'dtls');
  assert.equal(parseSdp(describe('m=video 5004 RTP/AVP 26', 'x'.repeat(70_000))), 'too_long');
});

test('a description of thousands of formats and thousands of lines costs no more than its length', () => {
  const text = describe(`m=video 5004 RTP/AVP${' 96'.repeat(10_000)}`, ...new Array<string>(15_000).fill(''));
  const start = process.threadCpuUsage();
  assert.equal(parseSdp(text), 'no_jpeg');
  const { user } = process.threadCpuUsage(start);
  assert.ok(user < 1e6, `${user} us`); // each format against each line: several seconds
});
