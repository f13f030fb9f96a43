import type { FuzzTarget } from './target.ts';
import { depayloaderTarget } from './targets/depayloader.ts';
import { depayloaderSoakTarget } from './targets/depayloader-soak.ts';
import { dhtInjectionTarget } from './targets/dht-injection.ts';
import { frameNumberTarget } from './targets/frame-number.ts';
import { lineReaderTarget } from './targets/line-reader.ts';
import { recodeTarget } from './targets/recode.ts';
import { recodePeerTarget } from './targets/recode-peer.ts';
import { replayTarget } from './targets/replay.ts';
import { requestTarget } from './targets/request.ts';
import { roundTripTarget } from './targets/round-trip.ts';
import { rtcpTarget } from './targets/rtcp.ts';
import { rtpFormTarget } from './targets/rtp-form.ts';
import { rtpPacketTarget } from './targets/rtp-packet.ts';
import { sdpTarget } from './targets/sdp.ts';
import { srtpTarget } from './targets/srtp.ts';
import { storedClipTarget } from './targets/stored-clip.ts';
import { walkTarget } from './targets/walk.ts';

/** Everything that takes pictures, packets or requests from outside. A new one: a file in targets/ and a line here. */
export const TARGETS: readonly FuzzTarget[] = [
  walkTarget,
  rtpFormTarget,
  dhtInjectionTarget,
  recodeTarget,
  recodePeerTarget,
  roundTripTarget,
  depayloaderTarget,
  depayloaderSoakTarget,
  rtpPacketTarget,
  srtpTarget,
  rtcpTarget,
  sdpTarget,
  replayTarget,
  storedClipTarget,
  frameNumberTarget,
  requestTarget,
  lineReaderTarget,
];
