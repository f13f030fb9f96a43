import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { type RtpTicks, rtpTicksAt } from '../base/units.ts';
import type { Frame } from '../frame/frame.ts';
import { MAX_SEGMENTS, MAX_UDP_PAYLOAD } from '../native/gso-message.ts';
import { isMulticast, type SocketAddress } from '../native/socket-address.ts';
import { rtpJpegForm } from '../rtp/jpeg-form.ts';
import { JpegPayloader } from '../rtp/jpeg-payloader.ts';
import type { LargeSize } from '../rtp/large-picture-extension.ts';
import { sdp } from '../rtp/sdp.ts';
import { FrameInterval } from './frame-interval.ts';
import { Pacer } from './pacer.ts';
import { RareWarning } from './rare-warning.ts';
import { checkPacing } from './resolve-target.ts';
import { RtcpSession } from './rtcp-session.ts';
import { RtpCounts } from './rtp-counts.ts';
import { newIdentity, type RtpIdentity } from './rtp-identity.ts';
import { RtpPath } from './rtp-path.ts';
import type { RtpTarget } from './rtp-target.ts';
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
}

/**
 * Open one RTP/JPEG stream to one address, of a machine or a multicast group. The network need not be up: what cannot be sent is counted. Throws
 * `bad_argument` (port, MTU, pacing, address), `network` (the name cannot be resolved), `unsupported` (transport "gso"
 * was asked for and the kernel cannot).
 */
export async function openRtpStream(target: RtpTarget, deps: RtpStreamDeps): Promise<RtpStream> {
  checkPacing(target.pacing);
  const counts = new RtpCounts();
  const identity = newIdentity(target.ssrc, deps.random);
  const report = reportInto(counts, target, deps);
  const openRtcp = (address: SocketAddress): RtcpSession | undefined => {
    if (!target.rtcp) return undefined;
    const onSendFailed = (errno: string): void => report.failed(errno, 0);
    return new RtcpSession(address, target, { ...identity, counts }, { ...deps, onSendFailed });
  };
  // The pacer needs the path to send on, and the path needs the pacer to send what is under way before it changes.
  let pacer: Pacer | undefined;
  const path = await RtpPath.open(target, {
    ...deps,
    report,
    openRtcp,
    beforeChange: () => pacer?.flush(),
  });
  pacer = new Pacer(deps.clock, (frame, plan, first, count) => path.send(frame, plan, first, count));
  return new RtpStream(target, deps, { identity, counts, path, pacer });
}

interface RtpStreamParts {
  readonly identity: RtpIdentity;
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
  readonly #timestampOffset: RtpTicks;
  readonly #interval = new FrameInterval();
  readonly #refusalWarning: RareWarning;
  readonly #logger: Logger;
  #largeSize: LargeSize | undefined;
  #isClosed = false;

  /** Use `openRtpStream`. */
  constructor(target: RtpTarget, deps: RtpStreamDeps, { identity, counts, path, pacer }: RtpStreamParts) {
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
    const plan = this.#payloader.packetize(form, frame.bytes, timestamp);
    this.counts.frames += 1;
    this.#pacer.send(frame, plan, chunkPackets(this.#path.packetBytes), this.#target.pacing * this.#interval.us);
    this.#path.rtcp?.begin();
  }

  #noteSize(largeSize: LargeSize | undefined): void {
    if (largeSize !== undefined && this.#largeSize === undefined) {
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

  /** What it has done and how it arrives, as plain JSON; the `remote_` keys are null until a receiver has reported. */
  report(): Readonly<Record<string, unknown>> {
    const remote = this.#path.rtcp?.receivers.quality();
    return {
      ...this.counts,
      ...(this.#path.rtcp && { rtcp_port: this.#path.rtcp.localPort }),
      remote_receivers: remote?.receivers ?? 0,
      remote_loss_pct: remote === undefined ? null : rounded(remote.lossPct),
      remote_lost_packets: remote?.lostPackets ?? null,
      remote_jitter_ms: remote === undefined ? null : rounded(remote.jitterMs),
      rtt_ms: remote?.rttMs === undefined ? null : rounded(remote.rttMs),
    };
  }

  /** The session's description for a receiver; undefined before the first frame. */
  sdp(): string | undefined {
    if (this.counts.frames === 0) return undefined;
    const { address, port } = this.#path.address;
    return sdp({
      sessionId: this.ssrc,
      version: 1 + this.#path.changes,
      origin: this.#path.localAddress() ?? address,
      host: address,
      port,
      multicastTtl: isMulticast(address) ? (this.#target.ttl ?? DEFAULT_MULTICAST_TTL) : undefined,
      framesPerSecond: this.#interval.framesPerSecond,
      largeSize: this.#largeSize,
      hasRtcp: this.#path.rtcp !== undefined,
    });
  }

  /** Sends what is under way and closes the socket; all frames are released when it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#pacer.flush();
    this.#isClosed = true;
    await this.#path[Symbol.asyncDispose]();
  }
}

const rounded = (value: number): number => Number(value.toFixed(2));

/** Packets that one system call may carry. */
const chunkPackets = (packetBytes: number): number => Math.min(MAX_SEGMENTS, Math.floor(MAX_UDP_PAYLOAD / packetBytes));

function reportInto(counts: RtpCounts, target: RtpTarget, deps: RtpStreamDeps): SendReport {
  const warning = new RareWarning('rtp_send_failed', deps);
  return {
    sent(packets, octets) {
      counts.packets += packets;
      counts.octets += octets;
    },
    failed(errno, unsent) {
      const isNew = counts.send_errors.of(errno) === 0;
      counts.send_errors.add(errno);
      counts.unsent_packets += unsent;
      warning.note(isNew, () => ({
        host: target.host,
        port: target.port,
        errno,
        send_errors: counts.send_errors,
        unsent_packets: counts.unsent_packets,
      }));
    },
  };
}
