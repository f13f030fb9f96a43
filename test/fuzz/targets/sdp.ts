import assert from 'node:assert/strict';
import { sdp } from '../../../src/rtp/sdp.ts';
import { parseSdp, type SdpFault } from '../../../src/rtp/sdp-parse.ts';
import { mutateManyTimes, severalTimes } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { ACCEPTED, type FuzzTarget, reasonsOf } from '../target.ts';

const MAX_PORT = 65_535;
const MAX_PAYLOAD_TYPE = 127;

const facts = { sessionId: 1, version: 1, origin: '192.0.2.7', host: '192.0.2.9', port: 5004, framesPerSecond: 25 };
const DESCRIPTIONS = [
  sdp(facts),
  sdp({ ...facts, host: 'ff15::101', port: MAX_PORT, largeSize: { width: 2592, height: 1944 }, hasRtcp: false }),
  sdp({ ...facts, srtp: { suite: 'AES_CM_128_HMAC_SHA1_80', inlineKey: 'c2VjcmV0' } }),
  'v=0\r\nm=audio 5000 RTP/AVP 0\r\nm=video 5002 RTP/AVPF 96 97\r\na=rtpmap:97 jpeg/90000\r\na=rtcp-mux\r\n',
  'v=0\r\nm=video 5004 RTP/AVP 96\r\n',
];
const LINES = [
  'v=0',
  'm=video 5004 RTP/AVP 26',
  'm=video 65535 RTP/AVP 26',
  'm=video 5004/2 RTP/AVPF 96 97 127 128 999',
  'm=video 0 RTP/AVP 26',
  'a=rtpmap:96 JPEG/90000',
  'a=rtpmap:999 JPEG/90000',
  'a=rtpmap:26 H264/90000',
  'a=rtcp:5010',
  'a=rtcp:99999 IN IP4 192.0.2.1',
  'a=rtcp-mux',
  'a=x-dimensions:2592,1944',
  'a=x-dimensions:70000,0',
  'c=IN IP4 239.1.2.3/16',
  'c=IN IP6 ff15::101',
  'c=IN IP4 camera.example.org',
  '',
];
/** To lengthen lines with. */
const WORDS = [' 26', ' 96', ' 0', '9', ' ', '\t', ':', 'x'];

/** Session descriptions: what is read can be listened on, and reading takes no longer than the text is long. */
export const sdpTarget: FuzzTarget = {
  name: 'sdp',
  share: 1,
  reasons: reasonsOf<SdpFault>({ too_long: true, not_sdp: true, no_jpeg: true, dtls: true, srtp_suite: true }),
  open: () => ({ make: mutatedDescription, check: checkDescription }),
};

function mutatedDescription(random: Random): Uint8Array {
  const lines = random.pick(DESCRIPTIONS).split('\r\n');
  for (let left = severalTimes(random); left > 0; left--) {
    const at = random.below(lines.length + 1);
    const kind = random.below(3);
    if (kind === 0) lines.splice(at, 0, random.pick(LINES));
    else if (kind === 1) lines.splice(at, 1);
    else lines[at] = `${lines[at] ?? ''}${random.pick(WORDS)}`;
  }
  if (random.oneIn(500)) return Buffer.from(lengthened(lines, random).join('\n'));
  const bytes = Uint8Array.from(Buffer.from(lines.join(random.oneIn(4) ? '\n' : '\r\n')));
  return random.oneIn(3) ? mutateManyTimes(bytes, random) : bytes;
}

/** With a media line and a media section that are as long as can be. */
function lengthened(lines: readonly string[], random: Random): string[] {
  const words = random.pick(WORDS).repeat(random.below(10_000));
  const section = new Array<string>(random.below(20_000)).fill(random.pick(['', 'a', random.pick(LINES)]));
  return lines.flatMap((line) => (line.startsWith('m=') ? [line + words, ...section] : [line]));
}

function checkDescription(input: Uint8Array): string {
  const described = parseSdp(Buffer.from(input).toString('utf8'));
  if (typeof described === 'string') return described;
  const { port, rtcpPort, address, payloadType, size } = described;
  assert.ok(isWithin(port, 1, MAX_PORT), `port ${port}`);
  assert.ok(rtcpPort === undefined || isWithin(rtcpPort, 1, MAX_PORT), `RTCP port ${rtcpPort}`);
  assert.ok(isWithin(payloadType, 0, MAX_PAYLOAD_TYPE), `payload type ${payloadType}`);
  assert.match(address ?? '0', /^[0-9a-fA-F.:]+$/);
  const { width, height } = size ?? { width: 1, height: 1 };
  assert.ok(isWithin(width, 1, 65_535) && isWithin(height, 1, 65_535), `size ${width}x${height}`);
  return ACCEPTED;
}

const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
