import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CamboxError } from '../../../src/base/errors.ts';
import { checkPacing, packetBytesFor, resolveTarget } from '../../../src/stream/resolve-target.ts';

const IPV4 = { address: '192.0.2.1', port: 5004 };
const IPV6 = { address: '2001:db8::1', port: 5004 };

const badArgument =
  (...shown: string[]) =>
  (error: unknown): boolean =>
    error instanceof CamboxError &&
    error.code === 'bad_argument' &&
    shown.every((part) => error.message.includes(part));

test('numeric addresses are taken as they are', async () => {
  for (const host of ['192.0.2.1', '2001:db8::1', 'fe80::1%lo']) {
    assert.deepEqual(await resolveTarget(host, 5004), { address: host, port: 5004 });
  }
});

test('a host name is resolved to a numeric address', async () => {
  assert.match((await resolveTarget('localhost', 5004)).address, /^(127\.0\.0\.1|::1)$/);
});

test('a name that does not resolve is a network error that names it', async () => {
  await assert.rejects(
    resolveTarget('no-such-host.invalid', 5004),
    (error) =>
      error instanceof CamboxError && error.code === 'network' && error.message.includes('no-such-host.invalid'),
  );
});

test('a port outside 1 to 65535 is refused, naming it', async () => {
  for (const port of [0, -1, 65536, 1.5, Number.NaN]) {
    await assert.rejects(resolveTarget('192.0.2.1', port), badArgument('port'));
  }
  await assert.rejects(resolveTarget('', 5004), badArgument('host'));
});

test('an MTU of 1500 leaves 1472 bytes over IPv4 and 1452 over IPv6', () => {
  assert.equal(packetBytesFor(1500, IPV4), 1472);
  assert.equal(packetBytesFor(1500, IPV6), 1452);
});

test('an MTU too small for the headers and tables is refused with the least legal value', () => {
  // 20 + 8 (IP, UDP), 12 (RTP), 8 + 4 (JPEG, restart), 4 + 128 (tables), 1 byte of the scan
  assert.equal(packetBytesFor(209, IPV4), 181);
  assert.throws(() => packetBytesFor(208, IPV4), badArgument('208', '209'));
  assert.throws(() => packetBytesFor(228, IPV6), badArgument('228', '229'));
  for (const mtu of [0, -5, 1500.5, 65536, Number.NaN]) assert.throws(() => packetBytesFor(mtu, IPV4), badArgument());
});

test('pacing outside 0 to 1 is refused', () => {
  for (const pacing of [0, 0.5, 1]) checkPacing(pacing);
  for (const pacing of [-0.1, 1.1, Number.NaN]) assert.throws(() => checkPacing(pacing), badArgument('pacing'));
});
