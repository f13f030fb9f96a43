import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { StreamControl } from '../../control/box.ts';
import type { Frame } from '../../frame/frame.ts';
import type { FrameFitter } from '../../stream/fit/frame-fitter.ts';
import { KeptSessionFile } from '../../stream/kept-session-file.ts';
import type { RtpStream } from '../../stream/rtp-stream.ts';
import type { RtpTarget } from '../../stream/rtp-target.ts';
import { SendLatency, type SendLatencyReport } from '../../stream/send-latency.ts';
import type { FrameSink } from '../pipeline.ts';
import { supervise } from '../supervisor.ts';
import type { ConfiguredStream } from './configured-stream.ts';

/** `onFirstSent`: see RtpStreamDeps. */
export type OpenStream = (target: RtpTarget, onFirstSent: (frame: Frame) => void) => Promise<RtpStream>;
/** Puts the fitter before the streams: `emit` sends what leaves it. */
export type OpenFitter = (emit: (frame: Frame) => void) => FrameFitter;

/** Receivers of one camera; more is a mistake of the console. */
const MAX_STREAMS = 16;
const FIRST_TRY_MS = 1000;
const RETRY = { firstMs: 1000, maxMs: 30_000 };

/** `host:port`, IPv6 in brackets: what names a stream of a camera. */
export const targetId = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

interface Member {
  id: string;
  readonly stream: RtpStream;
  /** Undefined: nobody wants one. */
  readonly sessionFile: KeptSessionFile | undefined;
}

/** The RTP streams of one camera. */
export class StreamSet implements FrameSink, AsyncDisposable {
  readonly #camera: string;
  readonly #open: OpenStream;
  readonly #fitter: FrameFitter;
  readonly #latency: SendLatency;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #members = new Set<Member>();
  readonly #stopping = new AbortController();
  readonly #opening: Promise<void>[] = [];

  constructor(
    camera: string,
    open: OpenStream,
    openFitter: OpenFitter,
    deps: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#camera = camera;
    this.#open = open;
    this.#fitter = openFitter((frame) => this.#send(frame));
    this.#clock = deps.clock;
    this.#latency = new SendLatency(deps.clock);
    this.#logger = deps.logger;
  }

  onFrame(frame: Frame): void {
    if (this.#members.size > 0) this.#fitter.onFrame(frame);
  }

  /** Frames that were coded anew for RTP, and those lost on the way. */
  get fit(): Readonly<Record<string, unknown>> {
    return { ...this.#fitter.counts, place: this.#fitter.place };
  }

  get latency(): SendLatencyReport {
    return this.#latency.report();
  }

  #send(frame: Frame): void {
    for (const member of this.#members) {
      member.stream.send(frame);
      member.sessionFile?.follow();
    }
  }

  /**
   * Open the configured targets, again and again where it fails at first (a name that DNS does not know yet). Resolves
   * when each has been tried once, or after a second: frames then need not wait any longer.
   */
  async begin(streams: readonly ConfiguredStream[]): Promise<void> {
    const tried = streams.map((stream) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#opening.push(this.#keepOpening(stream, resolve));
      return promise;
    });
    const enough = new AbortController();
    const wait = this.#clock.sleep(FIRST_TRY_MS, AbortSignal.any([enough.signal, this.#stopping.signal]));
    await Promise.race([Promise.all(tried), wait]);
    enough.abort();
  }

  async #keepOpening({ target, sdpFile }: ConfiguredStream, onTried: () => void): Promise<void> {
    const thing = `stream ${this.#camera} to ${targetId(target.host, target.port)}`;
    let told: string | undefined;
    const open = (): Promise<unknown> => this.add(target, sdpFile).finally(onTried);
    await supervise(async () => void (await open()), {
      thing,
      backoff: new Backoff(RETRY),
      clock: this.#clock,
      signal: this.#stopping.signal,
      onFailure: (error, waitMs) => {
        if (told !== error.code) this.#logger.warn('stream_unavailable', { error: error.message, retry_ms: waitMs });
        told = error.code;
      },
    });
  }

  /**
   * Send to one more target. `sdpFile`: where the session description is kept up to date; empty for nowhere. Throws `conflict`,
   * `resource_limit`, and what opening a stream throws.
   */
  async add(target: RtpTarget, sdpFile = ''): Promise<StreamControl> {
    const id = targetId(target.host, target.port);
    this.#demandNew(id, 'start');
    if (this.#members.size >= MAX_STREAMS) {
      const reason = `the camera has ${MAX_STREAMS} streams already`;
      throw new CamboxError('resource_limit', {
        verb: 'start',
        thing: `stream ${id}`,
        reason,
        remedy: 'Stop one first.',
      });
    }
    const stream = await this.#open(target, (frame) => this.#latency.note(frame));
    const deps = { clock: this.#clock, logger: this.#logger };
    const sessionFile = sdpFile === '' ? undefined : new KeptSessionFile(sdpFile, stream, deps);
    const member: Member = { id, stream, sessionFile };
    this.#members.add(member);
    this.#logger.info('stream_started', { target: id, ssrc: stream.ssrc, transport: stream.transport });
    return this.#control(member);
  }

  list(): readonly StreamControl[] {
    return [...this.#members].map((member) => this.#control(member));
  }

  #demandNew(id: string, verb: string): void {
    if (![...this.#members].some((member) => member.id === id)) return;
    const parts = { verb, thing: `stream ${id}`, reason: 'the camera sends there already' };
    throw new CamboxError('conflict', { ...parts, remedy: 'Stop that stream first, or take another port.' });
  }

  #control(member: Member): StreamControl {
    const { stream } = member;
    return {
      begun: stream.begun,
      // Asked anew each time: the target and an encrypted source may change while a command holds this.
      get id() {
        return member.id;
      },
      get ssrc() {
        return stream.ssrc;
      },
      get sdp() {
        return stream.sdp() ?? '';
      },
      report: () => ({ target: member.id, ssrc: stream.ssrc, transport: stream.transport, ...stream.report() }),
      retarget: async (host, port) => {
        const id = targetId(host, port);
        this.#demandNew(id, 'retarget');
        await stream.retarget(host, port);
        this.#logger.info('stream_retargeted', { from: member.id, target: id, ssrc: stream.ssrc });
        member.id = id;
      },
      stop: async () => {
        this.#members.delete(member);
        await stream[Symbol.asyncDispose]();
        this.#logger.info('stream_stopped', { target: member.id, ...stream.counts });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#opening);
    await this.#fitter[Symbol.asyncDispose]();
    await Promise.all(this.list().map((stream) => stream.stop()));
  }
}
