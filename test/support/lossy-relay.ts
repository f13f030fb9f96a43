import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { freeRtpPort } from './rtp-receivers.ts';

/**
 * What the relay does to the packet of an index (counted from 0): sends it on, drops it, sends it twice, or holds it until
 * so many more have passed.
 */
export type RelayAction = 'pass' | 'drop' | 'double' | { readonly holdFor: number };

/** A bad piece of network on loopback: RTP on `port`, RTCP (which passes untouched, both ways) on the next one. */
export interface LossyRelay extends AsyncDisposable {
  readonly port: number;
  /** The RTP packets as they came from the sender. */
  readonly packets: readonly Buffer[];
  /** The RTCP datagrams as they came back from the receiver. */
  readonly reports: readonly Buffer[];
}

const BUFFER_BYTES = 4 << 20;
const TWO_32 = 2 ** 32;

/** Drops each packet with that probability; which ones depends on index and seed alone. */
export function randomLoss(probability: number, seed: number): (index: number) => RelayAction {
  return (index) => (scrambled(index + Math.imul(seed, 0x9e3779b1)) < probability * TWO_32 ? 'drop' : 'pass');
}

/** A 32-bit number in which every bit depends on every bit of the given one (the end of MurmurHash3). */
function scrambled(number: number): number {
  let bits = number;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * Relays to `target` on 127.0.0.1; what is done to which packet is the same in every run. The receiver's RTCP goes back to where
 * the sender's came from, or to the port `reportsTo`.
 */
export async function openLossyRelay(
  target: number,
  actionOn: (index: number) => RelayAction,
  reportsTo?: number,
): Promise<LossyRelay> {
  const port = await freeRtpPort();
  const out = createSocket({ type: 'udp4', sendBufferSize: BUFFER_BYTES });
  const rtp = await listen(port);
  const rtcp = await listen(port + 1);
  const packets: Buffer[] = [];
  const reports: Buffer[] = [];
  let sender = reportsTo;
  let held: { packet: Buffer; left: number }[] = [];
  const send = (packet: Buffer): void => out.send(packet, target, '127.0.0.1');
  rtp.on('message', (packet) => {
    const action = actionOn(packets.length);
    packets.push(packet);
    if (action === 'pass' || action === 'double') send(packet);
    if (action === 'double') send(packet);
    for (const waiting of held) waiting.left -= 1;
    for (const { packet: due } of held.filter(({ left }) => left === 0)) send(due);
    held = held.filter(({ left }) => left > 0);
    if (typeof action === 'object') held.push({ packet, left: action.holdFor });
  });
  rtcp.on('message', (packet, from) => {
    sender = reportsTo ?? from.port;
    out.send(packet, target + 1, '127.0.0.1');
  });
  out.on('message', (packet) => {
    reports.push(packet);
    if (sender !== undefined) rtcp.send(packet, sender, '127.0.0.1');
  });
  return {
    port,
    packets,
    reports,
    async [Symbol.asyncDispose]() {
      for (const socket of [rtp, rtcp, out]) await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

async function listen(port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: BUFFER_BYTES });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
