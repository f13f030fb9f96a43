import type { Socket } from 'node:dgram';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { ReasonCounts } from '../../base/reason-counts.ts';
import { type MonoUs, usFromMs } from '../../base/units.ts';
import { JpegDepayloader } from '../../rtp/jpeg-depayloader.ts';
import type { ReceivedPicture } from '../../rtp/jpeg-frame-assembler.ts';
import type { PictureSize } from '../../rtp/jpeg-head-memory.ts';
import type { ReceptionCounts } from '../../rtp/reception-counts.ts';
import { readRtcp } from '../../rtp/rtcp-compound.ts';
import type { SenderReport } from '../../rtp/rtcp-reports.ts';
import { RtpTimeline } from '../../rtp/rtp-timeline.ts';
import { bindUdp } from './bind-udp.ts';
import { kernelDrops } from './kernel-drops.ts';

export interface ReceiveFrom {
  readonly port: number;
  /** Undefined: none. The same as `port`: both on one socket (RFC 5761). */
  readonly rtcpPort: number | undefined;
  /** The multicast group to join. */
  readonly group: string | undefined;
  readonly payloadType: number;
  readonly size: PictureSize | undefined;
}

/** A picture with its time. The bytes are only lent: copy them before the callback returns. */
export interface ReceivedFrame extends ReceivedPicture {
  /** On our monotonic clock; strictly later than that of the frame before (RtpTimeline). */
  readonly capturedAt: MonoUs;
  /** Counts the frames that were sent: a step of more than one is a gap. */
  readonly sequence: number;
}

export interface ReceiverDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onFrame: (frame: ReceivedFrame) => void;
}

/** Where packets are missing, those behind them are let go in time even when no more come. */
const TICK_MS = 50;
/** RTCP has a socket of its own, and its news may overtake the last packets: they get so long, in silence. */
const LAST_PACKETS_US = usFromMs(200);
const MOST_LAST_PACKETS_US = usFromMs(2000);

/** Packet types of RTCP where it comes on the port of RTP: there, marker and payload type (RFC 5761 §4). */
const FIRST_RTCP_TYPE = 192;
const LAST_RTCP_TYPE = 223;

/**
 * Listen for one RTP/JPEG stream. Throws `in_use` (another program has the port), `network` (the address cannot be
 * bound, the group not joined). Without the port of RTCP it goes on, as it is only told there when the sender ends.
 */
export async function openRtpReceiver(from: ReceiveFrom, deps: ReceiverDeps): Promise<RtpReceiver> {
  const rtp = await bindUdp(from.port, from.group);
  const rtcp = await openRtcp(from, deps.logger);
  return new RtpReceiver(from, deps, rtp, rtcp);
}

async function openRtcp({ port, rtcpPort, group }: ReceiveFrom, logger: Logger): Promise<Socket | undefined> {
  if (rtcpPort === undefined || rtcpPort === port) return undefined;
  try {
    return await bindUdp(rtcpPort, group);
  } catch (failure) {
    logger.warn('rtcp_unavailable', { port: rtcpPort, reason: failure instanceof Error ? failure.message : failure });
    return undefined;
  }
}

/** Receives one RTP/JPEG stream: sockets, time, and what the sender says over RTCP around a JpegDepayloader. */
export class RtpReceiver implements AsyncDisposable {
  readonly port: number;
  /** As the kernel has it: it doubles what it was asked for, and caps it (net.core.rmem_max). */
  readonly receiveBufferBytes: number;
  /** Failed reads by the name of their errno. */
  readonly socketErrors = new ReasonCounts<string>();
  /** Resolves when the source has said goodbye and what it sent before has been received. */
  readonly ended: Promise<void>;
  readonly #deps: ReceiverDeps;
  readonly #sockets: readonly Socket[];
  readonly #depayloader: JpegDepayloader;
  readonly #timeline = new RtpTimeline();
  readonly #end = Promise.withResolvers<void>();
  #arrivedAt: MonoUs;
  #goodbyeAt: MonoUs | undefined;
  #report: SenderReport | undefined;
  #sourceChanges = 0;
  #cancelTick: () => void = () => undefined;
  #drops: number | undefined;
  #isClosed = false;

  /** Use `openRtpReceiver`. */
  constructor(from: ReceiveFrom, deps: ReceiverDeps, rtp: Socket, rtcp: Socket | undefined) {
    this.port = from.port;
    this.receiveBufferBytes = rtp.getRecvBufferSize();
    this.ended = this.#end.promise;
    this.#deps = deps;
    this.#sockets = rtcp === undefined ? [rtp] : [rtp, rtcp];
    this.#arrivedAt = deps.clock.now();
    const { payloadType, size } = from;
    this.#depayloader = new JpegDepayloader({ payloadType, size, onPicture: (picture) => this.#onPicture(picture) });
    rtp.on('message', (packet) => this.#onPacket(packet));
    rtcp?.on('message', (packet) => this.#onRtcp(packet));
    for (const socket of this.#sockets) socket.on('error', (error) => this.#onError(error));
    this.#scheduleTick();
  }

  get counts(): ReceptionCounts {
    return this.#depayloader.counts;
  }

  /** Of the source that is followed. */
  get ssrc(): number | undefined {
    return this.#depayloader.ssrc;
  }

  /** What that source said last of itself. */
  get senderReport(): SenderReport | undefined {
    return this.#report?.ssrc === this.ssrc ? this.#report : undefined;
  }

  /** Packets that were lost here, in the kernel, as they came faster than they were read; undefined: not known. */
  get kernelDrops(): number | undefined {
    return this.#isClosed ? this.#drops : kernelDrops(this.port);
  }

  /** Take nothing more, let go of the sockets. What waited for missing packets still comes out. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#drops = this.kernelDrops;
    this.#isClosed = true;
    this.#cancelTick();
    await Promise.all(this.#sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
    this.#depayloader.flush();
  }

  #onPacket(packet: Uint8Array): void {
    if (isRtcp(packet)) {
      this.#onRtcp(packet);
      return;
    }
    this.#arrivedAt = this.#deps.clock.now();
    this.#depayloader.push(packet, this.#arrivedAt);
  }

  #onPicture(picture: ReceivedPicture): void {
    const { counts } = this;
    if (counts.ssrc_changes !== this.#sourceChanges) this.#timeline.changeClock();
    this.#sourceChanges = counts.ssrc_changes;
    const capturedAt = this.#timeline.at(picture.timestamp, this.#arrivedAt);
    const sequence = counts.frames + counts.lost_frames + counts.refused.total;
    this.#deps.onFrame({ ...picture, capturedAt, sequence });
  }

  #onRtcp(packet: Uint8Array): void {
    for (const part of readRtcp(packet) ?? []) {
      if (part.kind === 'sender_report') this.#report = part;
      if (part.kind === 'goodbye' && this.ssrc !== undefined && part.ssrcs.includes(this.ssrc)) {
        this.#goodbyeAt ??= this.#deps.clock.now();
      }
    }
  }

  #onError(error: Error): void {
    const errno = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
    if (this.socketErrors.of(errno) === 0) this.#deps.logger.warn('rtp_receive_failed', { port: this.port, errno });
    this.socketErrors.add(errno);
  }

  #scheduleTick(): void {
    this.#cancelTick = this.#deps.clock.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const now = this.#deps.clock.now();
    this.#depayloader.expire(now);
    const goodbyeAt = this.#goodbyeAt;
    if (goodbyeAt !== undefined) {
      const isSilent = now - Math.max(goodbyeAt, this.#arrivedAt) >= LAST_PACKETS_US;
      if (isSilent || now - goodbyeAt >= MOST_LAST_PACKETS_US) this.#end.resolve();
    }
    this.#scheduleTick();
  }
}

const isRtcp = (packet: Uint8Array): boolean => {
  const type = packet[1] ?? 0;
  return type >= FIRST_RTCP_TYPE && type <= LAST_RTCP_TYPE;
};
