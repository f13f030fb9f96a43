import type { MonoUs } from '../base/units.ts';
import type { RtpFault, readRtpHeader } from './rtp-header.ts';

/** A packet as it came from the network, with its header read. */
export interface ReceivedRtp {
  /** The whole packet: from now on nobody else's. */
  readonly packet: Uint8Array;
  readonly header: Exclude<ReturnType<typeof readRtpHeader>, RtpFault>;
  readonly arrivedAt: MonoUs;
}
