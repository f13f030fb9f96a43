import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EBADF } from '../../../src/native/errno.ts';
import { BufferAddresses, GsoMessage } from '../../../src/native/gso-message.ts';
import { ReceiveBatch } from '../../../src/native/receive-batch.ts';
import { AF_INET, encodeSocketAddress } from '../../../src/native/socket-address.ts';
import { UdpSocket } from '../../../src/native/udp-socket.ts';

function receiver(): UdpSocket {
  const socket = UdpSocket.open(AF_INET);
  ReceiveBatch.prepare(socket);
  socket.bind({ address: '127.0.0.1', port: 0 });
  return socket;
}

interface Read {
  readonly datagrams: Buffer[];
  readonly arrivals: (number | undefined)[];
  readonly errno: number;
}

/** Read until `count` datagrams have come: loopback delivers within the system call, some kernels a moment later. */
function readAll(batch: ReceiveBatch, socket: UdpSocket, count: number): Read {
  const datagrams: Buffer[] = [];
  const arrivals: (number | undefined)[] = [];
  let errno = 0;
  for (let turn = 0; turn < 1e6 && datagrams.length < count; turn++) {
    errno = batch.read(socket, (bytes, arrivedUs) => {
      datagrams.push(Buffer.from(bytes));
      arrivals.push(arrivedUs);
    });
  }
  return { datagrams, arrivals, errno };
}

test('datagrams are read in order with their lengths, also empty ones and the longest, more than one call takes', () => {
  using into = receiver();
  using from = UdpSocket.open(AF_INET);
  const to = encodeSocketAddress(into.localAddress());
  const sent = Array.from({ length: 40 }, (_, i) => Buffer.alloc(i === 39 ? 60_000 : i, i));
  for (const bytes of sent) assert.equal(from.sendTo(bytes, to), 0);
  assert.deepEqual(readAll(new ReceiveBatch(), into, 40).datagrams, sent);
});

test('datagrams that the kernel has joined come out one by one [udp(7) UDP_GRO]', () => {
  using into = receiver();
  using from = UdpSocket.open(AF_INET);
  const message = new GsoMessage(encodeSocketAddress(into.localAddress()));
  const bytes = Uint8Array.from({ length: 107 }, (_, i) => i);
  message.begin();
  message.add(new BufferAddresses().of(bytes), bytes.length);
  message.end(20);
  assert.equal(from.send(message.address), 0);
  const { datagrams } = readAll(new ReceiveBatch(), into, 6);
  assert.deepEqual(
    datagrams.map((datagram) => datagram.length),
    [20, 20, 20, 20, 20, 7],
  );
  assert.deepEqual(Buffer.concat(datagrams), Buffer.from(bytes));
});

test('nothing of a joined message is left for the next one', () => {
  using into = receiver();
  using from = UdpSocket.open(AF_INET);
  const to = encodeSocketAddress(into.localAddress());
  const message = new GsoMessage(to);
  const bytes = new Uint8Array(100);
  message.begin();
  message.add(new BufferAddresses().of(bytes), bytes.length);
  message.end(10);
  const batch = new ReceiveBatch();
  from.send(message.address);
  assert.equal(readAll(batch, into, 10).datagrams.length, 10);
  from.sendTo(bytes, to);
  assert.deepEqual(readAll(batch, into, 1).datagrams, [Buffer.from(bytes)]);
});

test('each datagram has the time at which the kernel received it [socket(7) SO_TIMESTAMPNS]', () => {
  using into = receiver();
  using from = UdpSocket.open(AF_INET);
  const to = encodeSocketAddress(into.localAddress());
  const before = Date.now();
  from.sendTo(Uint8Array.of(1), to);
  const after = Date.now();
  const [arrivedUs] = readAll(new ReceiveBatch(), into, 1).arrivals;
  assert.ok(arrivedUs !== undefined);
  assert.ok(arrivedUs / 1000 >= before - 1 && arrivedUs / 1000 <= after + 1, `${arrivedUs} is not around ${before} ms`);
});

test('an empty socket answers 0, one with more than a call takes EAGAIN, a closed one its errno', () => {
  using into = receiver();
  using from = UdpSocket.open(AF_INET);
  const batch = new ReceiveBatch();
  const nothing = (): void => assert.fail('nothing was sent');
  assert.equal(batch.read(into, nothing), 0);
  const to = encodeSocketAddress(into.localAddress());
  for (let i = 0; i < 33; i++) from.sendTo(Uint8Array.of(i), to);
  assert.deepEqual([readAll(batch, into, 32).errno, readAll(batch, into, 1).errno], [EAGAIN, 0]);
  into[Symbol.dispose]();
  assert.equal(batch.read(into, nothing), EBADF);
});
