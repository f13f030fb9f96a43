import type { RtpOutput } from '../config/config.ts';
import type { RtpTarget } from '../stream/rtp-target.ts';

/** A stream as the config has it. */
export interface ConfiguredStream {
  readonly target: RtpTarget;
  /** Where to write the session description; empty for nowhere. */
  readonly sdpFile: string;
}

export function configuredStream(output: RtpOutput): ConfiguredStream {
  const { host, port, mtu, transport, pacing, rtcp } = output;
  return {
    target: { host, port, mtu, ssrc: output.ssrc ?? undefined, transport, pacing, rtcp, rtcpPort: output.rtcp_port },
    sdpFile: output.sdp_file,
  };
}
