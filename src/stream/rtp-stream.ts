import type { Clock } from '../base/clock.ts';
import { CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Frame } from '../frame/frame.ts';
import { MAX_SEGMENTS, MAX_UDP_PAYLOAD } from '../native/gso-message.ts';
import { isMulticast, type SocketAddress } from '../native/socket-address.ts';
import { rtpJpegForm } from '../rtp/jpeg-form.ts';
import type { LargeSize } from '../rtp/large-picture-extension.ts';
import { sdp } from '../rtp/sdp.ts';
import { countingReport } from './counting-report.ts';
import { DescribedRate } from './described-rate.ts';
import { FrameInterval } from './frame-interval.ts';
import { type Pace, Pacer } from './pacer.ts';
import { PacketSource } from './packet-source.ts';
import { RareWarning } from './rare-warning.ts';
import { ReceiverReturn } from './receiver-return.ts';
import { remoteReport } from './remote-report.ts';
import { checkPacing } from './resolve-target.ts';
import { RtcpSession } from './rtcp-session.ts';
import { RtpCounts } from './rtp-counts.ts';
import { RtpPath } from './rtp-path.ts';
import type { RtpTarget } from './rtp-target.ts';
import { inlineKey, readSrtpKey } from './srtp/key-file.ts';
import { SRTP_SUITE, type SrtpMasterKey } from './srtp/session-keys.ts';
import type { SendReport, TransportKind } from './udp-transport.ts';

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
  /** Called for each frame when the kernel has had the first of its packets. */
  readonly onFirstSent?: (frame: Frame) => void;
}

/**
 * Open one RTP/JPEG stream to one address, of a machine or a multicast group. The network need not be up: what cannot be
 * sent is counted. Throws `bad_argument` (port, MTU, pacing, address, interface, an SSRC with SRTP), `bad_config` (the SRTP
 * key), `network` (the name cannot be resolved), `unsupported` (transport "gso" was asked for and the kernel cannot).
 */
export async function openRtpStream(target: RtpTarget, deps: RtpStreamDeps): Promise<RtpStream> {
  checkTarget(target);
  const masterKey = await readSrtpKey(target.srtpKeyFile, deps.credentialsDirectory);
  const counts = new RtpCounts();
  const newSource = (): PacketSource => new PacketSource({ ssrc: target.ssrc, masterKey, random: deps.random, counts });
  const current = { source: newSource() };
  const openRtcp = (address: SocketAddress, report: SendReport): RtcpSession => {
    const onSendFailed = (errno: string): void => report.failed(errno, 0);
    return new RtcpSession(address, target, current.source, { ...deps, onSendFailed });
  };
  // The pacer needs the path to send on, and the path needs the pacer to send what is under way before it changes.
  let pacer: Pacer | undefined;
  const path = await RtpPath.open(target, {
    ...deps,
    reportOf: (to) => countingReport(counts, to, deps),
    openRtcp: target.rtcp ? openRtcp : () => undefined,
    beforeChange: () => pacer?.flush(),
  });
  pacer = new Pacer(deps.clock, (frame, plan, first, count) => {
    path.send(frame, plan, first, count);
    if (first === 0) deps.onFirstSent?.(frame);
  });
  return new RtpStream(target, deps, { masterKey, counts, current, newSource, path, pacer });
}

interface RtpStreamParts {
  readonly masterKey: SrtpMasterKey | undefined;
  readonly counts: RtpCounts;
  readonly current: { source: PacketSource };
  readonly newSource: () => PacketSource;
  readonly path: RtpPath;
  readonly pacer: Pacer;
}

/**
 * The sending side of one RTP session: cuts frames into packets, paces them, counts. SSRC, sequence numbers and
 * timestamps go on across changes of the target, unless they are encrypted: see `#renewSource`.
 */
export class RtpStream implements AsyncDisposable {
  readonly counts: RtpCounts;
  readonly #target: RtpTarget;
  readonly #deps: RtpStreamDeps;
  readonly #parts: RtpStreamParts;
  readonly #sessionId: number;
  readonly #interval = new FrameInterval();
  readonly #describedRate = new DescribedRate();
  readonly #receiverReturn = new ReceiverReturn();
  readonly #refusalWarning: RareWarning;
  readonly #begun = Promise.withResolvers<void>();
  #largeSize: LargeSize | undefined;
  #sizeChanges = 0;
  #isClosed = false;

  /** Use `openRtpStream`. */
  constructor(target: RtpTarget, deps: RtpStreamDeps, parts: RtpStreamParts) {
    this.counts = parts.counts;
    this.#target = target;
    this.#deps = deps;
    this.#parts = parts;
    this.#sessionId = parts.current.source.ssrc;
    this.#refusalWarning = new RareWarning('rtp_frames_refused', deps);
  }

  get ssrc(): number {
    return this.#parts.current.source.ssrc;
  }

  /** Resolves when it can be described: with the first frame that it sends; or when it is closed without any. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** What is in use now: "auto" has been decided, and may be decided anew when the device refuses. */
  get transport(): TransportKind {
    return this.#parts.path.transport.kind;
  }

  /**
   * Send a frame, or count why not. Returns at once and never throws; the frame is retained as long as packets of it are
   * still to leave, at most until the next frame comes.
   */
  send(frame: Frame): void {
    if (this.#isClosed) return;
    this.#parts.pacer.flush();
    const form = rtpJpegForm(frame.jpeg, frame.bytes);
    if (typeof form === 'string') {
      const isNew = this.counts.refused.of(form) === 0;
      this.counts.refused.add(form);
      this.#refusalWarning.note(isNew, () => ({ reason: form, refused: this.counts.refused }));
      return;
    }
    this.#noteSize(form.largeSize);
    this.#noteReturn();
    const { path, pacer, current } = this.#parts;
    this.#interval.note(frame.capturedAt, frame.sequence);
    this.#describedRate.note(this.#interval.framesPerSecond);
    const plan = current.source.packetize(form, frame.bytes, frame.capturedAt, path.packetBytes);
    this.counts.frames += 1;
    this.#begun.resolve();
    pacer.send(frame, plan, paceOf(plan.packetLength(0), this.#target.pacing * this.#interval.us));
    path.rtcp?.begin();
  }

  /** A receiver that was restarted is like a new one. */
  #noteReturn(): void {
    const refusals = this.counts.send_errors.of('ECONNREFUSED');
    if (this.#receiverReturn.note(refusals, this.#deps.clock.now())) this.#renewSource();
  }

  /**
   * A receiver of SRTP that comes late cannot know how often the sequence number has wrapped, and so decrypt nothing: RFC
   * 3711 §3.3.1 leaves it to others to tell. Here, the stream goes on as a new source, none of whose numbers has wrapped.
   */
  #renewSource(): void {
    const { current, newSource, path } = this.#parts;
    if ((current.source.rollovers ?? 0) === 0) return;
    const old = current.source;
    current.source = newSource();
    path.rtcp?.follow(current.source);
    this.#deps.logger.info('srtp_source_renewed', { old_ssrc: old.ssrc, ssrc: current.source.ssrc });
  }

  #noteSize(largeSize: LargeSize | undefined): void {
    const before = this.#largeSize;
    if (largeSize?.width !== before?.width || largeSize?.height !== before?.height) this.#sizeChanges += 1;
    if (largeSize !== undefined && before === undefined) {
      const remedy = 'Choose a picture size of at most 2040x2040 if receivers build on ffmpeg';
      this.#deps.logger.warn('rtp_large_picture', { ...largeSize, cannot_receive: 'ffmpeg', remedy });
    }
    this.#largeSize = largeSize;
  }

  /** Send now what is still being paced. */
  flush(): void {
    this.#parts.pacer.flush();
  }

  /**
   * Send elsewhere from the next frame on; a frame under way is flushed to the old target. Throws as `openRtpStream` does,
   * and then the old target stays.
   */
  async retarget(host: string, port: number): Promise<void> {
    await this.#parts.path.retarget(host, port);
    this.#renewSource();
  }

  /** What it has done and how it arrives, as plain JSON. */
  report(): Readonly<Record<string, unknown>> {
    const { rtcp } = this.#parts.path;
    const { rollovers } = this.#parts.current.source;
    return {
      ...this.counts,
      ...(rollovers !== undefined && { srtp_rollovers: rollovers }),
      ...(rtcp && { rtcp_port: rtcp.localPort }),
      ...remoteReport(rtcp?.receivers.quality()),
    };
  }

  /** True when a receiver needs the key in the description. */
  get isSecret(): boolean {
    return this.#parts.masterKey !== undefined;
  }

  /** Grows whenever the description changes. */
  get sdpVersion(): number {
    return 1 + this.#parts.path.changes + this.#sizeChanges + this.#describedRate.changes;
  }

  /**
   * The session's description for a receiver; undefined before the first frame. The key of an encrypted stream is only in
   * it when it is asked for: it must not get into logs, reports, or MQTT.
   */
  sdp({ withKey }: { readonly withKey: boolean } = { withKey: false }): string | undefined {
    if (this.counts.frames === 0) return undefined;
    const { address, port } = this.#parts.path.address;
    const key = this.#parts.masterKey;
    return sdp({
      sessionId: this.#sessionId,
      version: this.sdpVersion,
      origin: this.#parts.path.localAddress() ?? address,
      host: address,
      port,
      multicastTtl: isMulticast(address) ? (this.#target.ttl ?? DEFAULT_MULTICAST_TTL) : undefined,
      framesPerSecond: this.#describedRate.framesPerSecond,
      largeSize: this.#largeSize,
      srtp: key && { suite: SRTP_SUITE, inlineKey: withKey ? inlineKey(key) : undefined },
      hasRtcp: this.#target.rtcp,
    });
  }

  /** Sends what is under way and closes the socket; all frames are released when it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.pacer.flush();
    this.#isClosed = true;
    this.#begun.resolve();
    await this.#parts.path[Symbol.asyncDispose]();
  }
}

/**
 * So much fits into the default receive buffer of Linux (net.core.rmem_default, 212992 bytes): packets of Ethernet's size
 * are charged up to 3 KB each, by the network driver.
 */
const BURST_PACKETS = 64;
const BURST_BYTES = BURST_PACKETS * 1472;

function paceOf(packetBytes: number, spreadUs: number): Pace {
  return {
    chunkPackets: Math.min(MAX_SEGMENTS, Math.floor(MAX_UDP_PAYLOAD / packetBytes)),
    burstPackets: Math.min(BURST_PACKETS, Math.floor(BURST_BYTES / packetBytes)),
    spreadUs,
  };
}

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
