import type { Clock } from '../base/clock.ts';
import { asCamboxError, CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Frame } from '../frame/frame.ts';
import type { SocketAddress } from '../native/socket-address.ts';
import type { PacketPlan } from '../rtp/packet-plan.ts';
import { openTransport } from './open-transport.ts';
import { packetBytesFor, resolveTarget } from './resolve-target.ts';
import type { RtcpSession } from './rtcp-session.ts';
import type { RtpTarget } from './rtp-target.ts';
import { localAddressTowards } from './send-socket.ts';
import { SRTP_TAG_BYTES } from './srtp/session-keys.ts';
import type { SendReport, UdpTransport } from './udp-transport.ts';

interface Leg {
  readonly address: SocketAddress;
  readonly packetBytes: number;
  readonly transport: UdpTransport;
  readonly rtcp: RtcpSession | undefined;
  readonly report: SendReport;
}

export interface RtpPathDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes what becomes of the packets to a target, as it was named. */
  readonly reportOf: (target: RtpTarget) => SendReport;
  /** A session of its own for each address; undefined when the stream has none. */
  readonly openRtcp: (address: SocketAddress, report: SendReport) => RtcpSession | undefined;
  /** Runs directly before packets take another way: what is under way must be sent now. */
  readonly beforeChange: () => void;
}

/**
 * The way of a stream's packets: the address, the transport to it and its RTCP. They can change while frames flow; changes
 * happen one after the other, and a change that fails leaves the old way as it is.
 */
export class RtpPath implements AsyncDisposable {
  readonly #target: RtpTarget;
  readonly #deps: RtpPathDeps;
  #leg: Leg;
  #change: Promise<void> = Promise.resolve();
  #changes = 0;
  #isFallingBack = false;
  #isClosed = false;

  private constructor(target: RtpTarget, deps: RtpPathDeps, leg: Leg) {
    this.#target = target;
    this.#deps = deps;
    this.#leg = leg;
  }

  /** Throws `bad_argument`, `network`, `unsupported`. */
  static async open(target: RtpTarget, deps: RtpPathDeps): Promise<RtpPath> {
    return new RtpPath(target, deps, await openLeg(target, deps));
  }

  /** Numeric, as resolved. */
  get address(): SocketAddress {
    return this.#leg.address;
  }

  /** Our own numeric address as the peer sees it; undefined while there is no route. */
  localAddress(): string | undefined {
    return localAddressTowards(this.#leg.address, this.#target);
  }

  get transport(): UdpTransport {
    return this.#leg.transport;
  }

  get rtcp(): RtcpSession | undefined {
    return this.#leg.rtcp;
  }

  /** The largest RTP packet that fits this way. */
  get packetBytes(): number {
    return this.#leg.packetBytes;
  }

  /** How often the way has changed. */
  get changes(): number {
    return this.#changes;
  }

  send(frame: Frame, plan: PacketPlan, first: number, count: number): void {
    const works = this.#leg.transport.send(frame, plan, first, count);
    if (!works && this.#target.transport === 'auto') this.#fallBack();
  }

  /** Send elsewhere. Throws as `open` does, and then nothing has changed. */
  retarget(host: string, port: number): Promise<void> {
    return this.#inTurn(() => openLeg({ ...this.#target, host, port }, this.#deps));
  }

  /** The device refuses segmentation: single datagrams from now on, until the stream is retargeted. */
  #fallBack(): void {
    if (this.#isFallingBack) return;
    this.#isFallingBack = true;
    const { address } = this.#leg;
    const { logger } = this.#deps;
    logger.warn('rtp_gso_refused', { host: address.address, port: address.port });
    this.#inTurn(async () => {
      const leg = this.#leg;
      const options = { ...this.#target, transport: 'dgram' } as const;
      return { ...leg, transport: await openTransport(leg.address, options, leg.report, this.#deps) };
    })
      .catch((failure: unknown) => {
        logger.error('rtp_fallback_failed', { reason: asCamboxError(failure, 'open', 'the fallback').message });
      })
      .finally(() => {
        this.#isFallingBack = false;
      });
  }

  #inTurn(open: () => Promise<Leg>): Promise<void> {
    const change = this.#change.then(async () => {
      const leg = await open();
      const old = this.#leg;
      if (this.#isClosed) {
        await close(leg, old);
        throw new CamboxError('interrupted', { verb: 'redirect', thing: 'an RTP stream', reason: 'it was closed' });
      }
      this.#deps.beforeChange();
      this.#leg = leg;
      this.#changes += 1;
      await close(old, leg);
    });
    this.#change = change.catch(() => undefined);
    return change;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#change;
    await close(this.#leg);
  }
}

async function openLeg(target: RtpTarget, deps: RtpPathDeps): Promise<Leg> {
  const address = await resolveTarget(target.host, target.port);
  const packetBytes = packetBytesFor(target.mtu, address, target.srtpKeyFile === '' ? 0 : SRTP_TAG_BYTES);
  const report = deps.reportOf(target);
  const transport = await openTransport(address, target, report, deps);
  try {
    return { address, packetBytes, transport, rtcp: deps.openRtcp(address, report), report };
  } catch (failure) {
    await transport[Symbol.asyncDispose]();
    throw failure;
  }
}

/** Close what `heir` does not go on using. The goodbye of RTCP comes behind the last packet. */
async function close({ transport, rtcp }: Leg, heir?: Leg): Promise<void> {
  if (rtcp !== heir?.rtcp) await rtcp?.[Symbol.asyncDispose]();
  if (transport !== heir?.transport) await transport[Symbol.asyncDispose]();
}
