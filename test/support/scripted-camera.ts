import assert from 'node:assert/strict';
import { constants } from 'node:os';
import type { Clock } from '../../src/base/clock.ts';
import type { CamboxError } from '../../src/base/errors.ts';
import { ResourceStack } from '../../src/base/resource-stack.ts';
import { type MonoUs, monoPlus } from '../../src/base/units.ts';
import { CameraSource, type CameraSourceDeps } from '../../src/capture/v4l2/camera-source.ts';
import type { CaptureStream } from '../../src/capture/v4l2/capture-stream.ts';
import type { LaterFrames, PictureKind } from '../../src/capture/v4l2/picture-kind.ts';
import type { ReadinessHandler } from '../../src/native/readiness-watch.ts';
import type { CapturedBuffer } from '../../src/v4l2/captured-buffer.ts';
import { errnoError } from '../../src/v4l2/errors.ts';
import type { DequeueOutcome, StreamFault } from '../../src/v4l2/streaming.ts';
import { capturedBuffer } from './captured-buffers.ts';
import { syntheticJpeg } from './jpegs.ts';

const { EINVAL, ENODEV } = constants.errno;
const BUFFERS = 4;
const PATH = '/dev/scripted';

/** What is different about a picture. */
export interface Spoilt {
  readonly bytes?: Uint8Array;
  readonly damaged?: boolean;
  /** The driver's timestamp, given the true one. */
  readonly stamp?: (capturedAt: MonoUs) => MonoUs | undefined;
}

/**
 * A camera with its driver, for the faults that no kernel driver here can make. It fills queued buffers in time and
 * watches over the rules of the V4L2 queue: who has which buffer, and whether all is over in the end.
 */
export class ScriptedCamera implements CaptureStream {
  readonly bufferCount = BUFFERS;
  /** How often the stream was started. */
  starts = 0;
  /** Errno of the next calls: of STREAMON, of DQBUF, of QBUF. 0: none. */
  readonly refuse = { start: 0, dequeue: 0, requeue: 0 };
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #pictures = [0, 1, 2].map((number) => syntheticJpeg(64, 48, number));
  readonly #queued: number[] = [];
  readonly #filled: CapturedBuffer[] = [];
  readonly #held = new Set<number>();
  #spoilt: { left: number; readonly how: Spoilt } | undefined;
  #frozen = false;
  #sequence = 0;
  #handler: ReadinessHandler | undefined;
  #cancelNext: (() => void) | undefined;

  constructor(clock: Clock, fps = 30) {
    this.#clock = clock;
    this.#periodMs = 1000 / fps;
  }

  /** What a camera must not leave behind: buffers with us, a timer, a watch. */
  get leftovers(): readonly string[] {
    return [
      ...(this.#held.size > 0 ? [`${this.#held.size} buffers`] : []),
      ...(this.#cancelNext === undefined ? [] : ['a running stream']),
      ...(this.#handler === undefined ? [] : ['a watch']),
    ];
  }

  /** Opened as a source that owns it. `openKind`: what its pictures are, where they are no JPEGs. */
  source(deps: CameraSourceDeps, openKind?: (later: LaterFrames) => PictureKind): CameraSource {
    const fps = Math.round(1000 / this.#periodMs);
    const closers = new ResourceStack();
    closers.defer(() => this.stop());
    return new CameraSource({ kind: 'v4l2', source: PATH, width: 64, height: 48, fps }, this, deps, closers, openKind);
  }

  /** Give nothing; `thaw`: go on. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
  }

  spoil(pictures: number, how: Spoilt): void {
    this.#spoilt = { left: pictures, how };
  }

  /** The endpoint stalls: what is queued comes back empty and marked, then nothing. */
  stall(): void {
    for (const index of this.#queued.splice(0)) this.#fill(index, { bytes: new Uint8Array(0), damaged: true });
    this.freeze();
    this.#handler?.readable();
  }

  /** The stream is broken: POLLERR, and DQBUF answers with the errno (EAGAIN: tells nothing). */
  break(errno: number): void {
    this.refuse.dequeue = errno;
    const handler = this.#handler;
    this.#handler = undefined; // a broken watch is over
    handler?.broke();
  }

  async start(): Promise<void> {
    this.starts += 1;
    for (let index = 0; index < BUFFERS; index++) {
      const errno = this.requeue(index);
      if (errno !== 0) throw errnoError('queue a buffer of', PATH, errno);
    }
    if (this.refuse.start !== 0) throw errnoError('start streaming from', PATH, this.refuse.start);
    this.#sequence = 0;
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#cancelNext?.();
    this.#cancelNext = undefined;
    this.#queued.length = 0;
    this.#filled.length = 0;
    this.#held.clear();
  }

  dequeue(): DequeueOutcome {
    if (this.refuse.dequeue !== 0 && this.refuse.dequeue !== constants.errno.EAGAIN)
      return { errno: this.refuse.dequeue };
    const buffer = this.#filled.shift();
    if (buffer === undefined) return 'empty';
    this.#held.add(buffer.index);
    return buffer;
  }

  requeue(index: number): number {
    assert.ok(!this.#queued.includes(index), `buffer ${index} is queued already`);
    this.#held.delete(index);
    if (this.refuse.requeue !== 0) return this.refuse.requeue;
    this.#queued.push(index);
    return 0;
  }

  explain({ errno }: StreamFault): CamboxError {
    return errnoError('capture from', PATH, errno === EINVAL ? ENODEV : errno);
  }

  watch(handler: ReadinessHandler): Disposable {
    assert.equal(this.#handler, undefined, 'it is watched already');
    this.#handler = handler;
    return {
      [Symbol.dispose]: () => {
        if (this.#handler === handler) this.#handler = undefined;
      },
    };
  }

  #schedule(): void {
    this.#cancelNext = this.#clock.after(this.#periodMs, () => {
      this.#schedule();
      if (!this.#frozen) this.#shoot();
    });
  }

  #shoot(): void {
    const index = this.#queued.shift();
    if (index === undefined) {
      this.#sequence += 1; // a picture for which the driver has no buffer is lost
      return;
    }
    const spoilt = this.#spoilt;
    if (spoilt !== undefined && --spoilt.left <= 0) this.#spoilt = undefined;
    this.#fill(index, spoilt?.how ?? {});
    this.#handler?.readable();
  }

  #fill(index: number, { bytes, damaged = false, stamp = (time) => time }: Spoilt): void {
    const capturedAt = stamp(monoPlus(this.#clock.now(), -1000));
    const picture = bytes ?? this.#pictures[this.#sequence % this.#pictures.length]!;
    this.#filled.push(capturedBuffer({ index, bytes: picture, damaged, sequence: this.#sequence++, capturedAt }));
  }
}
