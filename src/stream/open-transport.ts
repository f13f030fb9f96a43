import type { Clock } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { SocketAddress } from '../native/socket-address.ts';
import { DgramTransport } from './dgram-transport.ts';
import { GsoTransport } from './gso-transport.ts';
import { probeGso } from './probe-gso.ts';
import type { RtpTarget } from './rtp-target.ts';
import type { SendReport, UdpTransport } from './udp-transport.ts';

/**
 * Open the transport that was asked for; `auto` takes segmentation offload where it works. A network that is down is no
 * error here: the transport counts and tries again. Throws `unsupported` when "gso" was asked for and does not work.
 */
export async function openTransport(
  wanted: RtpTarget['transport'],
  target: SocketAddress,
  report: SendReport,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<UdpTransport> {
  if (wanted === 'dgram') return DgramTransport.open(target, report, clock);
  const missing = await probeGso(clock);
  if (missing === undefined) return GsoTransport.open(target, report);
  if (wanted === 'gso') {
    throw new CamboxError('unsupported', {
      verb: 'send with',
      thing: 'UDP segmentation offload',
      reason: missing,
      remedy: 'Choose the transport "auto" or "dgram"',
    });
  }
  logger.info('rtp_gso_unavailable', { reason: missing });
  return DgramTransport.open(target, report, clock);
}
