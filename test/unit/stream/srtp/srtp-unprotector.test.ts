import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { estimateIndex, packetIndex } from '../../../../src/stream/srtp/packet-index.ts';
import { deriveSessionKeys } from '../../../../src/stream/srtp/session-keys.ts';
import { SrtpUnprotector } from '../../../../src/stream/srtp/srtp-unprotector.ts';
import { fromHex, hex, MASTER, protectedPackets, rtpPacket } from '../../../support/srtp-packets.ts';

const SSRC = 42;
const TWO_16 = 2 ** 16;
/** libsrtp's reference packet, with the master key of RFC 3711 B.3. */
const REFERENCE = fromHex('800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb');
const REFERENCE_CLEAR = '800f1234decafbadcafebabeabababababababababababababababab';

/** What was opened, as hex, or why it was not. */
const opened = (unprotector: SrtpUnprotector, packet: Uint8Array): string => {
  const clear = unprotector.unprotect(packet);
  return typeof clear === 'string' ? clear : hex(clear);
};

const payload = (i: number): Uint8Array => Uint8Array.of(i & 0xff, i >> 8, 3, 4, 5);
/** A packet of the stream by its index, and what is in it. */
const packetAt = (index: number, ssrc = SSRC): Uint8Array => protectedPackets(ssrc, index, [payload(index)])[0]!;
const clearAt = (index: number, ssrc = SSRC): string => hex(rtpPacket(ssrc, index % TWO_16, payload(index)));

test('a packet that libsrtp protected is opened [RFC3711 §3.1]', () => {
  assert.equal(opened(new SrtpUnprotector(MASTER), REFERENCE), REFERENCE_CLEAR);
});

test('any change of a packet is refused, and the true one is still taken', () => {
  const unprotector = new SrtpUnprotector(MASTER);
  for (let bit = 0; bit < REFERENCE.length * 8; bit++) {
    const changed = Uint8Array.from(REFERENCE);
    changed[bit >> 3]! ^= 0x80 >> (bit & 7);
    assert.match(opened(unprotector, changed), /^(not_authentic|bad_version|too_short)$/, `bit ${bit}`);
  }
  assert.equal(opened(unprotector, REFERENCE), REFERENCE_CLEAR);
});

test('a packet that is cut off is refused, wherever', () => {
  const unprotector = new SrtpUnprotector(MASTER);
  for (let length = 0; length < REFERENCE.length; length++) {
    const reason = opened(unprotector, REFERENCE.subarray(0, length));
    assert.equal(reason, length < 22 ? 'too_short' : 'not_authentic', `${length} bytes`);
  }
});

test('a packet of another key is refused', () => {
  const other = new SrtpUnprotector({ ...MASTER, salt: new Uint8Array(14) });
  assert.equal(opened(other, REFERENCE), 'not_authentic');
});

test('a packet is opened once, in any order, within the last 128 [RFC3711 §3.3.2]', () => {
  const unprotector = new SrtpUnprotector(MASTER);
  for (const index of [10, 13, 12, 11]) assert.equal(opened(unprotector, packetAt(index)), clearAt(index));
  for (const index of [10, 11, 12, 13]) assert.equal(opened(unprotector, packetAt(index)), 'replayed');
  assert.equal(opened(unprotector, packetAt(150)), clearAt(150));
  assert.equal(opened(unprotector, packetAt(23)), clearAt(23));
  assert.equal(opened(unprotector, packetAt(22)), 'too_old');
});

test('a forged packet does not put the true one of that number on the replay list', () => {
  const unprotector = new SrtpUnprotector(MASTER);
  const forged = Uint8Array.from(packetAt(7));
  forged[20]! ^= 1;
  assert.equal(opened(unprotector, forged), 'not_authentic');
  assert.equal(opened(unprotector, packetAt(7)), clearAt(7));
});

test('CSRC list and header extension stay readable, padding is encrypted [RFC3711 §3.1]', () => {
  const keys = deriveSessionKeys(MASTER, 'srtp');
  const header = fromHex('b11a0005 00000000 0000002a 00000001 abac0001 01020304');
  const body = fromHex('aabbcc 000003');
  const counter = new Uint8Array(16);
  counter.set(keys.salt);
  counter[7]! ^= SSRC;
  counter[13]! ^= 5;
  const encrypted = createCipheriv('aes-128-ctr', keys.cipherKey, counter).update(body);
  const message = Buffer.concat([header, encrypted]);
  const tag = createHmac('sha1', keys.authenticationKey).update(message).update(new Uint8Array(4)).digest();
  const packet = Buffer.concat([message, tag.subarray(0, 10)]);
  assert.equal(opened(new SrtpUnprotector(MASTER), packet), hex(Buffer.concat([header, body])));
});

test('the estimate is the index closest to the highest one [RFC3711 §3.3.1, appendix A]', () => {
  const estimates: readonly (readonly [highest: number, sequence: number, rollovers: number])[] = [
    [packetIndex(5, 0), 0xffff, 4],
    [packetIndex(5, 0), 0x8000, 5],
    [packetIndex(5, 0), 0x8001, 4],
    [packetIndex(5, 0x7fff), 0xffff, 5],
    [packetIndex(5, 0x8000), 0, 5],
    [packetIndex(5, 0x8001), 0, 6],
    [packetIndex(5, 0xffff), 0, 6],
    [packetIndex(5, 0xffff), 0x7ffe, 6],
    [packetIndex(5, 0xffff), 0x7fff, 5],
    [packetIndex(0, 1), 0xffff, 2 ** 32 - 1],
    [packetIndex(2 ** 32 - 1, 0xffff), 0, 0],
  ];
  for (const [highest, sequence, rollovers] of estimates) {
    const text = `${highest.toString(16)}, ${sequence.toString(16)}`;
    assert.equal(estimateIndex(highest, sequence), packetIndex(rollovers, sequence), text);
  }
});

test('sequence numbers that wrap are followed, also when the packets at the wrap change places', () => {
  const unprotector = new SrtpUnprotector(MASTER);
  const far = [TWO_16 + 30_000, TWO_16 + 60_000, 2 * TWO_16 + 20_000];
  for (const index of [TWO_16 - 2, TWO_16 + 1, TWO_16 - 1, TWO_16, ...far]) {
    assert.equal(opened(unprotector, packetAt(index)), clearAt(index), `index ${index}`);
  }
});

test('a receiver that comes late finds out how often the numbers have wrapped', () => {
  const unprotector = new SrtpUnprotector(MASTER);
  const first = packetIndex(7500, 100); // a day of 1080p
  let index = first;
  while (opened(unprotector, packetAt(index)) === 'not_authentic') index += 1;
  assert.equal(index - first, Math.floor(7499 / 16));
  assert.equal(opened(unprotector, packetAt(index + 1)), clearAt(index + 1));
});

test('the search goes on for one source while packets of others come between', () => {
  const unprotector = new SrtpUnprotector(MASTER);
  const first = packetIndex(40, 1);
  for (let i = 0; i < 2; i++) {
    assert.equal(opened(unprotector, packetAt(first + i)), 'not_authentic');
    assert.equal(opened(unprotector, packetAt(packetIndex(2 ** 23, i), SSRC + 1)), 'not_authentic');
  }
  assert.equal(opened(unprotector, packetAt(first + 2)), clearAt(first + 2));
});

test('a source that went on unheard for more than half of the numbers is found again, forgers do not matter', () => {
  const unprotector = new SrtpUnprotector(MASTER);
  assert.equal(opened(unprotector, packetAt(5)), clearAt(5));
  const first = packetIndex(3, 5);
  for (let i = 0; i < 255; i++) assert.equal(opened(unprotector, packetAt(first + i)), 'not_authentic');
  assert.equal(opened(unprotector, packetAt(first + 255)), clearAt(first + 255));
});

test('many sources are opened side by side; the first of more than eight is forgotten', () => {
  const unprotector = new SrtpUnprotector(MASTER);
  for (let ssrc = 1; ssrc <= 8; ssrc++) assert.equal(opened(unprotector, packetAt(9, ssrc)), clearAt(9, ssrc));
  for (let ssrc = 1; ssrc <= 8; ssrc++) assert.equal(opened(unprotector, packetAt(9, ssrc)), 'replayed');
  assert.equal(opened(unprotector, packetAt(9, 9)), clearAt(9, 9));
  assert.equal(opened(unprotector, packetAt(9, 2)), 'replayed');
  assert.equal(opened(unprotector, packetAt(9, 1)), clearAt(9, 1));
});

test('packets of all lengths are opened, the longest that UDP carries, too', () => {
  const unprotector = new SrtpUnprotector(MASTER);
  const lengths = [0, 1, 15, 16, 17, 1400, 3, 65_485, 1400, 0, 5];
  const payloads = lengths.map((length) => new Uint8Array(length).fill(length));
  for (const [i, packet] of protectedPackets(SSRC, 1, payloads).entries()) {
    assert.equal(opened(unprotector, packet), hex(rtpPacket(SSRC, i + 1, payloads[i]!)));
  }
  assert.equal(opened(unprotector, new Uint8Array(70_000).fill(0x80)), 'too_long');
});
