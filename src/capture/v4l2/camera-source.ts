import type { Clock } from '../../base/clock.ts';
import { asCamboxError, CamboxError } from '../../base/errors.ts';
import { frameWaitMs } from '../../base/frame-wait.ts';
import type { Logger } from '../../base/logger.ts';
import type { ResourceStack } from '../../base/resource-stack.ts';
import type { Frame } from '../../frame/frame.ts';
import type { FrameArena } from '../../frame/frame-arena.ts';
import { type FrameSource, newSourceCounts, type SourceAbout, type SourceCounts } from '../frame-source.ts';
import type { CaptureStream } from './capture-stream.ts';
import { JpegPictures } from './jpeg-pictures.ts';
import { LatestFrame } from './latest-frame.ts';
import { PictureIntake } from './picture-intake.ts';
import type { LaterFrames, PictureKind } from './picture-kind.ts';
import { SilenceAlarm } from './silence-alarm.ts';

export interface CameraSourceDeps {
  readonly arena: FrameArena;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The frames of an open camera. Owns what `closers` closes: the stream and the device. */
export class CameraSource implements FrameSource {
  readonly about: SourceAbout;
  readonly counts: SourceCounts = newSourceCounts();
  readonly #stream: CaptureStream;
  readonly #clock: Clock;
  readonly #closers: ResourceStack;
  readonly #kind: PictureKind;
  readonly #intake: Pick<PictureIntake<object>, 'take' | 'restart' | 'droughtError'>;
  #latest = new LatestFrame();
  #alarm: SilenceAlarm | undefined;
  #watch: Disposable | undefined;
  #iterated = false;
  #broke = false;
  #closed: Promise<void> | undefined;

  /** `openKind`: what the camera's pictures are; JPEG unless it says otherwise. */
  constructor(
    about: SourceAbout,
    stream: CaptureStream,
    deps: CameraSourceDeps,
    closers: ResourceStack,
    openKind: (later: LaterFrames) => PictureKind = () => new JpegPictures(deps.arena),
  ) {
    this.about = about;
    this.#stream = stream;
    this.#clock = deps.clock;
    this.#closers = closers;
    this.#kind = openKind({
      frame: (frame) => this.#put(frame),
      drop: (reason) => this.counts.dropped.add(reason),
      fail: (error) => this.#fail(error),
    });
    this.#intake = new PictureIntake(stream, this.#kind, this.counts, deps);
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, undefined> {
    if (this.#iterated) {
      throw new CamboxError('conflict', { verb: 'read', thing: this.about.source, reason: 'it is being read already' });
    }
    this.#iterated = true;
    const latest = this.#latest;
    const close = (): void => latest.close();
    if (signal.aborted) close();
    signal.addEventListener('abort', close, { once: true });
    try {
      if (!latest.ended) await this.#stream.start();
      if (!latest.ended) this.#listen(); // aborted or disposed of meanwhile: nothing left to listen to
      for (;;) {
        const frame = await latest.take();
        if (frame === undefined) return;
        this.counts.captured += 1;
        yield frame;
      }
    } catch (failure) {
      this.#broke = true;
      throw failure;
    } finally {
      signal.removeEventListener('abort', close);
      // A driver that broke may hang when it is stopped: that is for `restart` and disposing, whose callers expect it.
      if (!this.#broke) await this.#halt();
    }
  }

  async restart(): Promise<void> {
    await this.#halt();
    if (this.#closed !== undefined) return;
    this.#intake.restart();
    this.#latest = new LatestFrame();
    this.#iterated = false;
    this.#broke = false;
  }

  /** The driver's queue is emptied when the kernel says so, not when the consumer asks: see LatestFrame. */
  #listen(): void {
    this.#alarm = new SilenceAlarm(frameWaitMs(this.about.fps), this.#clock, {
      lastChance: () => this.#takeIn(),
      ring: () => this.#fail(this.#intake.droughtError(this.about.source)),
    });
    this.#watch = this.#stream.watch({
      readable: () => this.#takeIn(),
      broke: (thrown) => {
        if (thrown !== undefined) return this.#fail(asCamboxError(thrown, 'capture from', this.about.source));
        this.#takeIn(); // the kernel tells that it broke; the device tells why
        const reason = 'the kernel reports an error on it';
        this.#fail(new CamboxError('device_failed', { verb: 'capture from', thing: this.about.source, reason }));
      },
    });
  }

  #takeIn(): void {
    const { frame, alive, fault } = this.#intake.take();
    if (alive) this.#alarm?.heard();
    if (frame !== undefined) this.#put(frame);
    if (fault !== undefined) this.#fail(this.#stream.explain(fault));
  }

  #put(frame: Frame): void {
    if (!this.#latest.put(frame)) this.counts.dropped.add('stale');
  }

  /** The first failure counts. The consumer meets it after the last good frame. */
  #fail(error: CamboxError): void {
    this.#stopListening();
    this.#latest.fail(error);
  }

  #stopListening(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#watch?.[Symbol.dispose]();
  }

  async #halt(): Promise<void> {
    this.#latest.close();
    this.#stopListening();
    await this.#stream.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#halt();
    await this.#kind.close?.();
    await this.#closers[Symbol.asyncDispose]();
  }
}
