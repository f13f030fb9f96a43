/**
 * default-receiver.ts PORT: receives RTP as a program does that sets no option of its socket: with the kernel's default
 * receive buffer, a datagram at a time. At SIGTERM prints how many packets came, and how many are missing in between.
 */
import { createSocket } from 'node:dgram';

const SEQUENCE_AT = 2;
/** A step between sequence numbers, over their wrap. */
const signed16 = (step: number): number => (step << 16) >> 16;

const socket = createSocket('udp4');
let received = 0;
let first = 0;
/** The highest sequence number so far, wraps counted. */
let highest = -1;

socket.on('message', (packet) => {
  const sequence = packet.readUInt16BE(SEQUENCE_AT);
  received += 1;
  if (highest < 0) [first, highest] = [sequence, sequence];
  else highest = Math.max(highest, highest + signed16(sequence - highest));
});
process.on('SIGTERM', () => {
  const expected = highest < 0 ? 0 : highest - first + 1;
  process.stdout.write(JSON.stringify({ received, lost: expected - received }));
  socket.close();
});
socket.bind(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('\n'));
