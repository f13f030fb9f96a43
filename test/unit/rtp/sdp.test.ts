import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SdpFacts, sdp } from '../../../src/rtp/sdp.ts';

const FACTS: SdpFacts = {
  sessionId: 1234,
  version: 2,
  origin: '192.0.2.7',
  host: '192.0.2.9',
  port: 5004,
  framesPerSecond: 29.97002997,
};

test('a session description names address, port, payload type 26 and the 90 kHz clock [RFC8866 §5]', () => {
  assert.equal(
    sdp(FACTS),
    [
      'v=0',
      'o=- 1234 2 IN IP4 192.0.2.7',
      's=cambox',
      'c=IN IP4 192.0.2.9',
      't=0 0',
      'm=video 5004 RTP/AVP 26',
      'a=rtpmap:26 JPEG/90000',
      'a=framerate:29.97',
      'a=sendonly',
      '',
    ].join('\r\n'),
  );
});

test('an IPv6 address is IP6, without its zone [RFC8866 §5.7]', () => {
  const text = sdp({ ...FACTS, origin: 'fe80::1%eth0', host: '2001:db8::9' });
  assert.match(text, /^o=- 1234 2 IN IP6 fe80::1\r$/m);
  assert.match(text, /^c=IN IP6 2001:db8::9\r$/m);
});

test('the frame rate is left out while it is unknown', () => {
  assert.doesNotMatch(sdp({ ...FACTS, framesPerSecond: undefined }), /framerate/);
});

test('a stream without RTCP gives it no bandwidth [RFC3556 §2]', () => {
  assert.match(sdp({ ...FACTS, hasRtcp: false }), /^m=video .*\r\nb=RS:0\r\nb=RR:0\r$/m);
});

test('a size beyond 2040 pixels stands in the description', () => {
  const text = sdp({ ...FACTS, largeSize: { width: 2592, height: 1944 } });
  assert.match(text, /^a=x-dimensions:2592,1944\r\na=framesize:26 2592-1944\r$/m);
});

test('a multicast group over IPv4 has its TTL, one over IPv6 has none [RFC8866 §5.7]', () => {
  assert.match(sdp({ ...FACTS, host: '239.1.2.3', multicastTtl: 4 }), /^c=IN IP4 239\.1\.2\.3\/4\r$/m);
  assert.match(sdp({ ...FACTS, host: 'ff15::1', multicastTtl: 4 }), /^c=IN IP6 ff15::1\r$/m);
});

test('an encrypted stream is RTP/SAVP, with suite and key for who may know it [RFC4568 §9.1]', () => {
  const srtp = { suite: 'AES_CM_128_HMAC_SHA1_80', inlineKey: 'c2VjcmV0' };
  const text = sdp({ ...FACTS, srtp });
  assert.match(text, /^m=video 5004 RTP\/SAVP 26\r$/m);
  assert.match(text, /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0\r$/m);
  const redacted = sdp({ ...FACTS, srtp: { ...srtp, inlineKey: undefined } });
  assert.match(redacted, /^m=video 5004 RTP\/SAVP 26\r$/m);
  assert.doesNotMatch(redacted, /crypto/);
});
