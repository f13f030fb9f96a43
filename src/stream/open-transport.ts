import type { Clock } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { AF_INET, addressFamily, type SocketAddress } from '../native/socket-address.ts';
import { IP_RECVERR, IPV6_RECVERR, SO_RCVBUF, SO_SNDBUF } from '../native/socket-options.ts';
import type { UdpSocket } from '../native/udp-socket.ts';
import { DgramTransport } from './dgram-transport.ts';
import { GsoTransport } from './gso-transport.ts';
import { probeGso } from './probe-gso.ts';
import type { RtpTarget } from './rtp-target.ts';
import { openSendSocket, type SendOptions } from './send-socket.ts';
import type { SendReport, UdpTransport } from './udp-transport.ts';

/** Asked for: a chunk of paced packets and some air. The kernel gives what it allows. */
const SEND_BUFFER_BYTES = 1 << 20;

export type TransportOptions = SendOptions & Pick<RtpTarget, 'transport'>;

/**
 * Open the transport that was asked for; `auto` takes segmentation offload where it works. A network that is down is no
 * error here: the transport counts and tries again. Throws `unsupported` when "gso" was asked for and does not work, and
 * what `openSendSocket` throws.
 */
export async function openTransport(
  target: SocketAddress,
  options: TransportOptions,
  report: SendReport,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<UdpTransport> {
  if (options.transport === 'dgram') return new DgramTransport(openRtpSocket(target, options), target, report);
  const missing = await probeGso(clock);
  if (missing === undefined) return new GsoTransport(openRtpSocket(target, options), target, report);
  if (options.transport === 'gso') {
    throw new CamboxError('unsupported', {
      verb: 'send with',
      thing: 'UDP segmentation offload',
      reason: missing,
      remedy: 'Choose the transport "auto" or "dgram"',
    });
  }
  logger.info('rtp_gso_unavailable', { reason: missing });
  return new DgramTransport(openRtpSocket(target, options), target, report);
}

/**
 * The socket is not connected. A connected one keeps the source address and the route of the moment it was connected; this
 * one asks the routing table at every send, so it follows a new lease, another uplink, a network that comes late.
 * IP_RECVERR still brings it ICMP errors (nobody listens there, host unreachable) as the result of a later send.
 */
function openRtpSocket(target: SocketAddress, options: SendOptions): UdpSocket {
  const socket = openSendSocket(target, options);
  socket.setOption(addressFamily(target.address) === AF_INET ? IP_RECVERR : IPV6_RECVERR, 1);
  socket.setOption(SO_SNDBUF, SEND_BUFFER_BYTES);
  // Nobody reads this socket: the least buffer for what strangers send to it and for ICMP reports.
  socket.setOption(SO_RCVBUF, 1);
  return socket;
}
