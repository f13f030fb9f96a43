import type { RtpOutput } from '../../config/config.ts';
import type { RtpTarget } from '../../stream/rtp-target.ts';

/** A stream as the config has it. */
export interface ConfiguredStream {
  readonly target: RtpTarget;
  /** Where to write the session description; empty for nowhere. */
  readonly sdpFile: string;
}

export function configuredStream({
  ssrc,
  ttl,
  rtcp_port,
  sdp_file,
  srtp_key_file,
  ...rest
}: RtpOutput): ConfiguredStream {
  return {
    target: {
      ...rest,
      ssrc: ssrc ?? undefined,
      ttl: ttl ?? undefined,
      rtcpPort: rtcp_port,
      srtpKeyFile: srtp_key_file,
    },
    sdpFile: sdp_file,
  };
}
