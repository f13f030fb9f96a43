import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CamboxError } from '../../../src/base/errors.ts';
import { EBADF, ECONNREFUSED, errnoName } from '../../../src/native/errno.ts';
import { BufferAddresses, GsoMessage, MAX_SEGMENTS } from '../../../src/native/gso-message.ts';
import { AF_INET, AF_INET6, encodeSocketAddress } from '../../../src/native/socket-address.ts';
import { IP_RECVERR } from '../../../src/native/socket-options.ts';
import { UdpSocket } from '../../../src/native/udp-socket.ts';

function receiver(): UdpSocket {
  const socket = UdpSocket.open(AF_INET);
  socket.bind({ address: '127.0.0.1', port: 0 });
  return socket;
}

/** Loopback delivers within the system call; the loop is for kernels that hand packets to a thread. */
function receive(socket: UdpSocket): Buffer {
  const into = new Uint8Array(100);
  for (let turn = 0; turn < 1e6; turn++) {
    const length = socket.receive(into);
    if (length >= 0) return Buffer.from(into.subarray(0, length));
  }
  throw new Error('nothing arrived');
}

test('runs from several buffers arrive as equal segments and a shorter last one [udp(7) UDP_SEGMENT]', () => {
  using into = receiver();
  using from = UdpSocket.open(AF_INET);
  const addresses = new BufferAddresses();
  const message = new GsoMessage(encodeSocketAddress(into.localAddress()));
  const arena = Uint8Array.from({ length: 64 }, (_, i) => i);
  const heads = Uint8Array.of(200, 201, 202);
  message.begin();
  for (const [i, length] of [4, 4, 2].entries()) {
    message.add(addresses.of(heads) + i, 1);
    message.add(addresses.of(arena.subarray(8)) + i * 4, length);
  }
  message.end(5);
  assert.equal(errnoName(from.send(message.address)), 'errno 0');
  assert.deepEqual([...receive(into)], [200, 8, 9, 10, 11]);
  assert.deepEqual([...receive(into)], [201, 12, 13, 14, 15]);
  assert.deepEqual([...receive(into)], [202, 16, 17]);
  assert.equal(into.receive(new Uint8Array(1)), -1);
});

test('a message is written anew for every send: nothing of the last one is left', () => {
  using into = receiver();
  using from = UdpSocket.open(AF_INET);
  const bytes = new Uint8Array(MAX_SEGMENTS).fill(7);
  const address = new BufferAddresses().of(bytes);
  const message = new GsoMessage(encodeSocketAddress(into.localAddress()));
  message.begin();
  for (let i = 0; i < MAX_SEGMENTS; i++) message.add(address + i, 1);
  message.end(1);
  assert.equal(from.send(message.address), 0);
  for (let i = 0; i < MAX_SEGMENTS; i++) assert.equal(receive(into).length, 1);
  message.begin();
  message.add(address, 3);
  message.end(10);
  assert.equal(from.send(message.address), 0);
  assert.equal(receive(into).length, 3);
});

test('an address in a large buffer is found without asking again, whatever the view', () => {
  const addresses = new BufferAddresses();
  const memory = Buffer.allocUnsafeSlow(1 << 20);
  assert.equal(addresses.of(memory.subarray(70_000, 70_010)) - addresses.of(memory.subarray(10)), 69_990);
});

test('with IP_RECVERR an unconnected socket hears that nobody listens [ip(7)]', () => {
  let address: Uint8Array;
  {
    using gone = receiver();
    address = encodeSocketAddress(gone.localAddress());
  }
  using from = UdpSocket.open(AF_INET);
  assert.equal(from.setOption(IP_RECVERR, 1), 0);
  const message = new GsoMessage(address);
  const bytes = new Uint8Array(1);
  message.begin();
  message.add(new BufferAddresses().of(bytes), 1);
  message.end(1);
  assert.equal(from.send(message.address), 0);
  assert.equal(from.send(message.address), ECONNREFUSED);
  assert.equal(from.send(message.address), 0);
});

test('a socket that is connected knows its own address', () => {
  using peer = receiver();
  using socket = UdpSocket.open(AF_INET);
  socket.connect(peer.localAddress());
  assert.equal(socket.localAddress().address, '127.0.0.1');
});

test('a socket over IPv6 binds to ::1', () => {
  using socket = UdpSocket.open(AF_INET6);
  socket.bind({ address: '::1', port: 0 });
  assert.equal(socket.localAddress().address, '::1');
});

test('a port in use is a network error that names the errno and the address', () => {
  using first = receiver();
  using second = UdpSocket.open(AF_INET);
  assert.throws(
    () => second.bind(first.localAddress()),
    (error) =>
      error instanceof CamboxError && error.code === 'network' && /EADDRINUSE.*127\.0\.0\.1/.test(error.message),
  );
});

test('a closed socket sends nothing and closes twice', () => {
  const socket = UdpSocket.open(AF_INET);
  socket[Symbol.dispose]();
  socket[Symbol.dispose]();
  assert.equal(socket.send(0), EBADF);
});
