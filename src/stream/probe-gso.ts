import type { Clock } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import { errnoName } from '../native/errno.ts';
import { BufferAddresses, GsoMessage } from '../native/gso-message.ts';
import { AF_INET, encodeSocketAddress } from '../native/socket-address.ts';
import { UDP_SEGMENT } from '../native/socket-options.ts';
import { UdpSocket } from '../native/udp-socket.ts';

/** The loopback device delivers at once; a loaded machine may need some of these steps of one millisecond. */
const ARRIVAL_STEPS = 200;

/**
 * Find out whether the kernel cuts datagrams (UDP_SEGMENT): send three bytes to a loopback socket of our own as segments
 * of two and one. Returns undefined when both arrived, otherwise why not. Nothing reaches the network.
 */
export async function probeGso(clock: Clock): Promise<string | undefined> {
  try {
    return await tryGso(clock);
  } catch (failure) {
    if (failure instanceof CamboxError) return failure.message;
    throw failure;
  }
}

async function tryGso(clock: Clock): Promise<string | undefined> {
  using receiver = UdpSocket.open(AF_INET);
  receiver.bind({ address: '127.0.0.1', port: 0 });
  using sender = UdpSocket.open(AF_INET);
  const unknown = sender.setOption(UDP_SEGMENT, 0);
  if (unknown !== 0) return `the kernel does not know UDP_SEGMENT (${errnoName(unknown)})`;

  const message = new GsoMessage(encodeSocketAddress(receiver.localAddress()));
  const bytes = new Uint8Array(3);
  message.begin();
  message.add(new BufferAddresses().of(bytes), bytes.length);
  message.end(2);
  const refused = sender.send(message.address);
  if (refused !== 0) return `the kernel refuses to segment (${errnoName(refused)})`;
  const lengths = [await nextLength(receiver, clock), await nextLength(receiver, clock)];
  return lengths[0] === 2 && lengths[1] === 1 ? undefined : 'the segments did not arrive';
}

async function nextLength(receiver: UdpSocket, clock: Clock): Promise<number> {
  const into = new Uint8Array(4);
  for (let step = 0; step < ARRIVAL_STEPS; step++) {
    const length = receiver.receive(into);
    if (length >= 0) return length;
    await clock.sleep(1);
  }
  return -1;
}
