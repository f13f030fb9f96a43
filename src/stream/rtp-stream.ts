import type { Clock } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type RtpTicks, rtpTicksAt } from '../base/units.ts';
import type { Frame } from '../frame/frame.ts';
import { MAX_SEGMENTS, MAX_UDP_PAYLOAD } from '../native/gso-message.ts';
import { isMulticast } from '../native/socket-address.ts';
import { rtpJpegForm } from '../rtp/jpeg-form.ts';
import { JpegPayloader } from '../rtp/jpeg-payloader.ts';
import type { LargeSize } from '../rtp/large-picture-extension.ts';
import { sdp } from '../rtp/sdp.ts';
import { countingReport } from './counting-report.ts';
import { FrameInterval } from './frame-interval.ts';
import { Pacer } from './pacer.ts';
import { RareWarning } from './rare-warning.ts';
import { remoteReport } from './remote-report.ts';
import { checkPacing } from './resolve-target.ts';
import { type RtcpDeps, RtcpSession } from './rtcp-session.ts';
import { RtpCounts } from './rtp-counts.ts';
import { newIdentity, type RtpIdentity } from './rtp-identity.ts';
import { RtpPath } from './rtp-path.ts';
import type { RtpTarget } from './rtp-target.ts';
import { inlineKey, readSrtpKey } from './srtp/key-file.ts';
import { SRTP_SUITE, type SrtpMasterKey } from './srtp/session-keys.ts';
import { SrtcpContext } from './srtp/srtcp-context.ts';
import { SrtpProtector } from './srtp/srtp-protector.ts';
import type { TransportKind } from './udp-transport.ts';

/** The kernel's (ip(7) IP_MULTICAST_TTL). */
const DEFAULT_MULTICAST_TTL = 1;

export interface RtpStreamDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** [0, 1): the stream's identity (RFC 3550 §5.1) and the times of its reports (§6.3.1) come from here. */
  readonly random: () => number;
  /** One for all streams of a machine: see `newCname`. */
  readonly cname: string;
  /** systemd's $CREDENTIALS_DIRECTORY, for keys that are named as credentials. */
  readonly credentialsDirectory?: string | undefined;
}

/**
 * Open one RTP/JPEG stream to one address, of a machine or a multicast group. The network need not be up: what cannot be
 * sent is counted. Throws `bad_argument` (port, MTU, pacing, address, interface, an SSRC with SRTP), `bad_config` (the SRTP
 * key), `network` (the name cannot be resolved), `unsupported` (transport "gso" was asked for and the kernel cannot).
 */
export async function openRtpStream(target: RtpTarget, deps: RtpStreamDeps): Promise<RtpStream> {
  checkTarget(target);
  const masterKey = await readSrtpKey(target.srtpKeyFile, deps.credentialsDirectory);
  const identity = newIdentity(target.ssrc, masterKey !== undefined, deps.random);
  const counts = new RtpCounts();
  const report = countingReport(counts, target, deps);
  const rtcpDeps: RtcpDeps = {
    ...deps,
    srtcp: masterKey && new SrtcpContext(masterKey, identity.ssrc),
    onSendFailed: (errno) => report.failed(errno, 0),
  };
  // The pacer needs the path to send on, and the path needs the pacer to send what is under way before it changes.
  let pacer: Pacer | undefined;
  const path = await RtpPath.open(target, {
    ...deps,
    report,
    openRtcp: (address) =>
      target.rtcp ? new RtcpSession(address, target, { ...identity, counts }, rtcpDeps) : undefined,
    beforeChange: () => pacer?.flush(),
  });
  pacer = new Pacer(deps.clock, (frame, plan, first, count) => path.send(frame, plan, first, count));
  return new RtpStream(target, deps, { identity, masterKey, counts, path, pacer });
}

interface RtpStreamParts {
  readonly identity: RtpIdentity;
  readonly masterKey: SrtpMasterKey | undefined;
  readonly counts: RtpCounts;
  readonly path: RtpPath;
  readonly pacer: Pacer;
}

/**
 * The sending side of one RTP session: cuts frames into packets, paces them, counts. SSRC, sequence numbers and
 * timestamps go on across changes of the target.
 */
export class RtpStream implements AsyncDisposable {
  readonly counts: RtpCounts;
  readonly ssrc: number;
  readonly #target: RtpTarget;
  readonly #path: RtpPath;
  readonly #pacer: Pacer;
  readonly #payloader: JpegPayloader;
  readonly #masterKey: SrtpMasterKey | undefined;
  readonly #srtp: SrtpProtector | undefined;
  readonly #timestampOffset: RtpTicks;
  readonly #interval = new FrameInterval();
  readonly #refusalWarning: RareWarning;
  readonly #logger: Logger;
  #largeSize: LargeSize | undefined;
  #sizeChanges = 0;
  #isClosed = false;

  /** Use `openRtpStream`. */
  constructor(target: RtpTarget, deps: RtpStreamDeps, parts: RtpStreamParts) {
    const { identity, masterKey, counts, path, pacer } = parts;
    this.counts = counts;
    this.ssrc = identity.ssrc;
    this.#target = target;
    this.#path = path;
    this.#pacer = pacer;
    this.#payloader = new JpegPayloader({
      ssrc: this.ssrc,
      firstSequence: identity.firstSequence,
      packetBytes: path.packetBytes,
    });
    this.#masterKey = masterKey;
    this.#srtp = masterKey && new SrtpProtector(masterKey, identity.ssrc, identity.firstSequence);
    this.#timestampOffset = identity.timestampOffset;
    this.#logger = deps.logger;
    this.#refusalWarning = new RareWarning('rtp_frames_refused', deps);
  }

  /** What is in use now: "auto" has been decided, and may be decided anew when the device refuses. */
  get transport(): TransportKind {
    return this.#path.transport.kind;
  }

  /**
   * Send a frame, or count why not. Returns at once and never throws; the frame is retained as long as packets of it are
   * still to leave, at most until the next frame comes.
   */
  send(frame: Frame): void {
    if (this.#isClosed) return;
    this.#pacer.flush();
    const form = rtpJpegForm(frame.jpeg, frame.bytes);
    if (typeof form === 'string') {
      const isNew = this.counts.refused.of(form) === 0;
      this.counts.refused.add(form);
      this.#refusalWarning.note(isNew, () => ({ reason: form, refused: this.counts.refused }));
      return;
    }
    this.#noteSize(form.largeSize);
    this.#interval.note(frame.capturedAt, frame.sequence);
    this.#payloader.packetBytes = this.#path.packetBytes;
    const timestamp = rtpTicksAt(frame.capturedAt, this.#timestampOffset);
    const plain = this.#payloader.packetize(form, frame.bytes, timestamp);
    const plan = this.#srtp?.protect(plain, frame.bytes) ?? plain;
    this.counts.frames += 1;
    this.#pacer.send(frame, plan, chunkPackets(plan.packetLength(0)), this.#target.pacing * this.#interval.us);
    this.#path.rtcp?.begin();
  }

  #noteSize(largeSize: LargeSize | undefined): void {
    const before = this.#largeSize;
    if (largeSize?.width !== before?.width || largeSize?.height !== before?.height) this.#sizeChanges += 1;
    if (largeSize !== undefined && before === undefined) {
      const remedy = 'Choose a picture size of at most 2040x2040 if receivers build on ffmpeg';
      this.#logger.warn('rtp_large_picture', { ...largeSize, cannot_receive: 'ffmpeg', remedy });
    }
    this.#largeSize = largeSize;
  }

  /** Send now what is still being paced. */
  flush(): void {
    this.#pacer.flush();
  }

  /**
   * Send elsewhere from the next frame on; a frame under way is flushed to the old target. Throws as `openRtpStream` does,
   * and then the old target stays.
   */
  retarget(host: string, port: number): Promise<void> {
    return this.#path.retarget(host, port);
  }

  /** What it has done and how it arrives, as plain JSON. */
  report(): Readonly<Record<string, unknown>> {
    const { rtcp } = this.#path;
    return {
      ...this.counts,
      ...(this.#srtp && { srtp_rollovers: this.#srtp.rollovers }),
      ...(rtcp && { rtcp_port: rtcp.localPort }),
      ...remoteReport(rtcp?.receivers.quality()),
    };
  }

  /** True when a receiver needs the key in the description. */
  get isSecret(): boolean {
    return this.#masterKey !== undefined;
  }

  /** Grows whenever the description changes in more than the frame rate. */
  get sdpVersion(): number {
    return 1 + this.#path.changes + this.#sizeChanges;
  }

  /**
   * The session's description for a receiver; undefined before the first frame. The key of an encrypted stream is only in
   * it when it is asked for: it must not get into logs, reports, or MQTT.
   */
  sdp({ withKey }: { readonly withKey: boolean } = { withKey: false }): string | undefined {
    if (this.counts.frames === 0) return undefined;
    const { address, port } = this.#path.address;
    const key = this.#masterKey;
    return sdp({
      sessionId: this.ssrc,
      version: this.sdpVersion,
      origin: this.#path.localAddress() ?? address,
      host: address,
      port,
      multicastTtl: isMulticast(address) ? (this.#target.ttl ?? DEFAULT_MULTICAST_TTL) : undefined,
      framesPerSecond: this.#interval.framesPerSecond,
      largeSize: this.#largeSize,
      srtp: key && { suite: SRTP_SUITE, inlineKey: withKey ? inlineKey(key) : undefined },
      hasRtcp: this.#target.rtcp,
    });
  }

  /** Sends what is under way and closes the socket; all frames are released when it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#pacer.flush();
    this.#isClosed = true;
    await this.#path[Symbol.asyncDispose]();
  }
}

/** Packets that one system call may carry. */
const chunkPackets = (packetBytes: number): number => Math.min(MAX_SEGMENTS, Math.floor(MAX_UDP_PAYLOAD / packetBytes));

function checkTarget({ pacing, ssrc, srtpKeyFile }: RtpTarget): void {
  checkPacing(pacing);
  if (ssrc === undefined || srtpKeyFile === '') return;
  throw new CamboxError('bad_argument', {
    verb: 'send to',
    thing: 'the RTP target',
    reason: 'after a restart the same SSRC and key would encrypt other packets alike (RFC 3711 §9.1)',
    received: ssrc,
    remedy: 'Leave the SSRC to chance where there is an SRTP key',
  });
}
