import type { MonoUs } from '../base/units.ts';
import type { RtpFault, readRtpHeader } from './rtp-header.ts';

/** A packet as it came from the network, with its header read. */
export interface ReceivedRtp {
  /** The whole packet. On loan: only valid until the call that hands it over returns; `kept` makes it last. */
  readonly packet: Uint8Array;
  readonly header: Exclude<ReturnType<typeof readRtpHeader>, RtpFault>;
  readonly arrivedAt: MonoUs;
}

/** The same with bytes of its own. (Not by `slice`, which is only a view where the packet is a Buffer.) */
export const kept = (received: ReceivedRtp): ReceivedRtp => ({ ...received, packet: new Uint8Array(received.packet) });
