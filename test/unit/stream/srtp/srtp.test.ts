import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inlineKey, readSrtpKey } from '../../../../src/stream/srtp/key-file.ts';
import { INNER_PAD_BYTES, PacketAuthenticator } from '../../../../src/stream/srtp/packet-authenticator.ts';
import { PacketKeystream } from '../../../../src/stream/srtp/packet-keystream.ts';
import { derive, deriveSessionKeys } from '../../../../src/stream/srtp/session-keys.ts';
import { SrtcpContext } from '../../../../src/stream/srtp/srtcp-context.ts';
import { SrtpProtector } from '../../../../src/stream/srtp/srtp-protector.ts';
import { packetsOf } from '../../../support/rtp-packets.ts';
import { fromHex, hex, MASTER, planOf } from '../../../support/srtp-packets.ts';

test('session keys are derived from the master key and salt [RFC3711 B.3]', () => {
  const { cipherKey, salt, authenticationKey } = deriveSessionKeys(MASTER, 'srtp');
  assert.equal(hex(cipherKey), 'c61e7a93744f39ee10734afe3ff7a087');
  assert.equal(hex(salt), '30cbbc08863d8c85d49db34a9ae1');
  const longKey =
    'CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5F' +
    'BCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2DC68';
  assert.equal(hex(derive(MASTER, 1, 94)).toUpperCase(), longKey.slice(0, 188));
  assert.equal(hex(authenticationKey).toUpperCase(), longKey.slice(0, 40));
});

test('the key stream of a packet is AES in counter mode from salt, SSRC and index [RFC3711 B.2]', () => {
  const keys = {
    cipherKey: fromHex('2B7E151628AED2A6ABF7158809CF4F3C'),
    salt: fromHex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'),
    authenticationKey: new Uint8Array(20),
  };
  const words = new PacketKeystream(keys, 0).of(0, 1, 0xff02);
  const block = (n: number): string => hex(new Uint8Array(words.buffer, words.byteOffset + n * 16, 16)).toUpperCase();
  assert.equal(block(0), 'E03EAD0935C95E80E166B16DD92B4EB4');
  assert.equal(block(1), 'D23513162B02D0F72A43A2FE4A5F97AB');
  assert.equal(block(2), '41E95B3BB0A2E8DD477901E4FCA894C0');
  assert.equal(block(0xfeff), 'EC8CDF7398607CB0F2D21675EA9EA1E4');
  assert.equal(block(0xff00), '362B7C3C6773516318A077D7FC5073AE');
  assert.equal(block(0xff01), '6A2CC3787889374FBEB4C81B17BA6C44');
});

test('a packet is encrypted behind its header and authenticated as libsrtp does it [RFC3711 §3.1]', () => {
  const plain = fromHex('800f1234decafbadcafebabe abababababababababababababababab');
  const { plan, picture } = planOf(plain);
  const protector = new SrtpProtector(MASTER, 0xcafebabe, 0x1234);
  const [packet] = packetsOf(protector.protect(plan, picture), picture);
  assert.equal(hex(packet!), '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb');
});

test('an RTCP compound is encrypted behind its first SSRC, with its index behind it [RFC3711 §3.4]', () => {
  const context = new SrtcpContext(MASTER, 0xcafebabe);
  const plain = fromHex('81c8000bcafebabe abababababababababababababababab');
  context.protect(plain); // libsrtp's first index is 1
  assert.equal(
    hex(context.protect(plain)),
    '81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798',
  );
});

/** What a context opened, as hex, or why it did not. */
const opened = (context: SrtcpContext, datagram: Uint8Array): string => {
  const clear = context.unprotect(datagram);
  return typeof clear === 'string' ? clear : hex(clear);
};

test('what one end protects, the other opens, once, also out of order [RFC3711 §3.3.2]', () => {
  const [ours, theirs] = [new SrtcpContext(MASTER, 1), new SrtcpContext(MASTER, 2)];
  const report = fromHex('81c90007 00000002 00000001 00000000 00000000 00000000 00000000 00000000');
  const datagrams = Array.from({ length: 130 }, () => theirs.protect(report));
  const [oldest, first, second] = datagrams as [Uint8Array, Uint8Array, Uint8Array];
  assert.equal(opened(ours, second), hex(report));
  assert.equal(opened(ours, second), 'replayed');
  assert.equal(opened(ours, first), hex(report));
  assert.equal(opened(ours, first), 'replayed');
  assert.equal(opened(ours, datagrams.at(-1)!), hex(report));
  assert.equal(opened(ours, oldest), 'too_old');
});

test('RTCP that was changed, is torn, has another key or is our own is refused by reason', () => {
  const ours = new SrtcpContext(MASTER, 1);
  const datagram = new SrtcpContext(MASTER, 2).protect(fromHex('80c9000100000002'));
  for (let i = 0; i < datagram.length; i++) {
    const changed = Uint8Array.from(datagram);
    changed[i]! ^= 1;
    assert.equal(opened(ours, changed), 'not_authentic', `byte ${i}`);
    assert.equal(opened(ours, datagram.subarray(0, i)), i < 22 ? 'too_short' : 'not_authentic', `${i} bytes`);
  }
  const otherKey = new SrtcpContext({ ...MASTER, key: new Uint8Array(16) }, 3).protect(fromHex('80c9000100000003'));
  assert.equal(opened(ours, otherKey), 'not_authentic');
  assert.equal(opened(ours, ours.protect(fromHex('80c9000100000001'))), 'own');
  assert.equal(opened(ours, datagram), '80c9000100000002');
});

test('RTCP senders beyond 64 push out whoever was heard longest ago', () => {
  const ours = new SrtcpContext(MASTER, 0);
  const hear = (ssrc: number): boolean => {
    const header = Buffer.from('80c9000100000000', 'hex');
    header.writeUInt32BE(ssrc, 4);
    return typeof ours.unprotect(new SrtcpContext(MASTER, ssrc).protect(header)) !== 'string';
  };
  for (let ssrc = 1; ssrc <= 65; ssrc++) assert.ok(hear(ssrc));
  assert.ok(!hear(65));
  assert.ok(hear(1));
});

test('a tag is the beginning of the HMAC-SHA1 [RFC2104]', () => {
  const key = fromHex('cebe321f6ff7716b6fd4ab49af256a156d38baa4');
  const authenticator = new PacketAuthenticator(key);
  for (const length of [0, 1, 63, 64, 1472]) {
    const message = Buffer.alloc(INNER_PAD_BYTES + length, 0xa5);
    message.set(authenticator.innerPad);
    const into = Buffer.alloc(14, 0xee);
    authenticator.writeTag(message, into, 2, 10);
    const expected = createHmac('sha1', key).update(message.subarray(INNER_PAD_BYTES)).digest('hex').slice(0, 20);
    assert.equal(into.toString('hex'), `eeee${expected}eeee`);
  }
});

test('a wrap of the sequence number within a frame counts up the rollovers, which the tag covers [RFC3711 §3.3.1]', () => {
  const packet = (sequence: number): Uint8Array => {
    const bytes = Buffer.from('801a0000 00000001 0000002a 0102030405'.replaceAll(' ', ''), 'hex');
    bytes.writeUInt16BE(sequence, 2);
    return bytes;
  };
  const wrapping = new SrtpProtector(MASTER, 42, 0xffff);
  const { plan, picture } = planOf(packet(0xffff), packet(0));
  const [, second] = packetsOf(wrapping.protect(plan, picture), picture);
  assert.equal(wrapping.rollovers, 1);
  const inFirstRound = new SrtpProtector(MASTER, 42, 0);
  const fresh = planOf(packet(0));
  const [unlike] = packetsOf(inFirstRound.protect(fresh.plan, fresh.picture), fresh.picture);
  assert.notDeepEqual(second!.subarray(12), unlike!.subarray(12));
  const inSecondRound = new SrtpProtector(MASTER, 42, 0x10000);
  const [alike] = packetsOf(inSecondRound.protect(fresh.plan, fresh.picture), fresh.picture);
  assert.deepEqual(second, alike);
});

const folder = mkdtempSync(join(tmpdir(), 'srtp-key-'));
after(() => rmSync(folder, { recursive: true }));

function keyFile(content: string): string {
  const path = join(folder, 'key');
  writeFileSync(path, content);
  return path;
}

test('a key file holds key and salt in base64; an end of line does not matter', async () => {
  const text = Buffer.concat([MASTER.key, MASTER.salt]).toString('base64');
  for (const content of [text, `${text}\n`, `${text}\r\n`]) {
    const key = await readSrtpKey(keyFile(content), undefined);
    assert.deepEqual([hex(key!.key), hex(key!.salt)], [hex(MASTER.key), hex(MASTER.salt)]);
    assert.equal(inlineKey(key!), text);
  }
  assert.equal(await readSrtpKey('', undefined), undefined);
});

test('a key file with anything else is refused without showing it', async () => {
  for (const content of ['', 'c2hvcnQ=', `${'A'.repeat(39)}!`, 'A'.repeat(44)]) {
    await assert.rejects(readSrtpKey(keyFile(content), undefined), (error: Error & { code?: string }) => {
      assert.match(error.message, /openssl rand -base64 30/);
      assert.ok(content === '' || !error.message.includes(content));
      return error.code === 'bad_config';
    });
  }
});
