import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { RareWarning } from './rare-warning.ts';
import type { RtpCounts } from './rtp-counts.ts';
import type { RtpTarget } from './rtp-target.ts';
import type { SendReport } from './udp-transport.ts';

/** Adds up what became of packets to one target, and says now and then when they cannot be sent there. */
export function countingReport(
  counts: RtpCounts,
  { host, port }: Pick<RtpTarget, 'host' | 'port'>,
  deps: { readonly clock: Clock; readonly logger: Logger },
): SendReport {
  const warning = new RareWarning('rtp_send_failed', deps);
  const told = new Set<string>();
  return {
    sent(packets, octets) {
      counts.packets += packets;
      counts.octets += octets;
    },
    failed(errno, unsent) {
      const isNew = !told.has(errno);
      told.add(errno);
      counts.send_errors.add(errno);
      counts.unsent_packets += unsent;
      const { send_errors, unsent_packets } = counts;
      warning.note(isNew, () => ({ host, port, errno, send_errors, unsent_packets }));
    },
  };
}
