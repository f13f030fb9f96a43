import { ReasonCounts } from '../base/reason-counts.ts';
import type { RtpJpegRefusal } from '../rtp/jpeg-form.ts';

/** What one RTP stream has done since it was opened. The keys are those of reports and of `--json`. */
export class RtpCounts {
  /** Frames handed to the network, completely or not. */
  frames = 0;
  /** Packets that the kernel took. */
  packets = 0;
  /** Payload bytes of these packets: without RTP headers, as in an RTCP sender report (RFC 3550 §6.4.1). */
  octets = 0;
  /** Packets that were given up. */
  unsent_packets = 0;
  /** Failed system calls by the name of their errno. */
  readonly send_errors = new ReasonCounts<string>();
  /** Frames that cannot be expressed in RTP/JPEG. */
  readonly refused = new ReasonCounts<RtpJpegRefusal>();
}
