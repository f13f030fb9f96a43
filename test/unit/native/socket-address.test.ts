import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CamboxError } from '../../../src/base/errors.ts';
import { decodeSocketAddress, encodeSocketAddress } from '../../../src/native/socket-address.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('an IPv4 address is a sockaddr_in with the port in network order [ip(7)]', () => {
  assert.equal(hex(encodeSocketAddress({ address: '192.0.2.1', port: 5004 })), '0200138cc00002010000000000000000');
});

test('an IPv6 address is a sockaddr_in6; its zone is the scope [ipv6(7)]', () => {
  const encoded = hex(encodeSocketAddress({ address: 'fe80::1%lo', port: 5004 }));
  assert.equal(encoded, '0a00138c00000000fe80000000000000000000000000000101000000');
});

test('what is no numeric address is refused, naming it', () => {
  for (const address of ['example.org', '', '1.2.3', '1.2.3.4.5', 'fe80::1%no-such-interface']) {
    assert.throws(
      () => encodeSocketAddress({ address, port: 1 }),
      (error) => error instanceof CamboxError && error.code === 'bad_argument' && error.message.includes(address),
    );
  }
});

test('every encoded address reads the same', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(address, fc.nat({ max: 65535 }), (text, port) => {
      const encoded = encodeSocketAddress({ address: text, port });
      const decoded = decodeSocketAddress(encoded);
      assert.equal(decoded.port, port);
      assert.deepEqual(encodeSocketAddress(decoded), encoded);
    }),
  );
});
