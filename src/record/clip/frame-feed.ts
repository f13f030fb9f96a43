import type { Writable } from 'node:stream';
import { BoundedQueue } from '../../base/bounded-queue.ts';
import type { MonoUs } from '../../base/units.ts';
import type { Frame } from '../../frame/frame.ts';
import { completeJpegPieces } from '../../jpeg/dht-injection.ts';
import { matroskaFrameHeader, matroskaHeader } from '../media/matroska.ts';

export interface FeedLimits {
  /** Live frames and their bytes that may wait for ffmpeg; past either one, whole frames are dropped. */
  readonly frames: number;
  readonly bytes: number;
}

/** How frames follow each other until their own times tell. */
const USUAL_FRAME_US = 33_333;

/**
 * Frames waiting to go into ffmpeg's stdin as Matroska, each at its capture time relative to the first one. The frames
 * are retained, their bytes written as they lie in the arena (one `writev` a frame, one frame in flight), and released
 * when the kernel has taken them. Nothing here waits: `offer` takes a frame or refuses it.
 *
 * The pre-roll burst has room on top of the limits until ffmpeg has caught up once.
 */
export class FrameFeed {
  readonly #queue: BoundedQueue<Frame>;
  readonly #usualFrameUs: number;
  readonly #liveRoom: FeedLimits;
  #room: FeedLimits;
  #stdin: Writable | undefined;
  #origin: MonoUs | undefined;
  #inFlight: Frame | undefined;
  #bytes = 0;
  #written = 0;
  #lost = 0;
  #closed = false;
  #idle: PromiseWithResolvers<void> | undefined;

  /** Takes over the burst's references. */
  constructor(burst: readonly Frame[], limits: FeedLimits) {
    const burstBytes = burst.reduce((sum, frame) => sum + frame.bytes.length, 0);
    this.#usualFrameUs = usualInterval(burst);
    this.#liveRoom = limits;
    this.#room = { frames: limits.frames + burst.length, bytes: limits.bytes + burstBytes };
    this.#queue = new BoundedQueue(this.#room.frames);
    for (const frame of burst) this.#enqueue(frame);
  }

  /** Waiting or being written: what this feed keeps in the arena. */
  get frames(): number {
    return this.#queue.length + (this.#inFlight === undefined ? 0 : 1);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Frames that the kernel has taken for ffmpeg. */
  get written(): number {
    return this.#written;
  }

  /** Frames that were taken but could not be written. */
  get lost(): number {
    return this.#lost;
  }

  /** It takes nothing more: told to, or ffmpeg's end of the pipe is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Begin writing. Until then frames wait. */
  connect(stdin: Writable): void {
    this.#stdin = stdin;
    this.#pump();
  }

  /** Queue a frame (with a reference of its own), or answer false: there is no room. */
  offer(frame: Frame): boolean {
    if (this.#closed || this.frames >= this.#room.frames || this.#bytes + frame.bytes.length > this.#room.bytes) {
      return false;
    }
    this.#enqueue(frame.retain());
    this.#pump();
    return true;
  }

  /** Resolves when nothing waits any more: all is written, or the feed is closed. */
  drained(): Promise<void> {
    if (this.frames === 0 || this.#closed) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  /** Give up what still waits (counted as lost) and take nothing more. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // A frame in flight is released by its write's callback, when nobody reads its bytes any more.
    if (this.#inFlight !== undefined) this.#lost += 1;
    for (let frame = this.#queue.shift(); frame !== undefined; frame = this.#queue.shift()) {
      this.#lost += 1;
      this.#release(frame);
    }
    this.#idle?.resolve();
  }

  #enqueue(frame: Frame): void {
    this.#bytes += frame.bytes.length;
    this.#queue.push(frame);
  }

  #release(frame: Frame): void {
    this.#bytes -= frame.bytes.length;
    frame.release();
  }

  #pump(): void {
    if (this.#closed || this.#stdin === undefined || this.#inFlight !== undefined) return;
    const frame = this.#queue.shift();
    this.#inFlight = frame;
    if (frame === undefined) this.#caughtUp();
    else this.#write(this.#stdin, frame);
  }

  #caughtUp(): void {
    this.#room = this.#liveRoom;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  #write(stdin: Writable, frame: Frame): void {
    const pieces = completeJpegPieces(frame.bytes, frame.jpeg);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    stdin.cork();
    if (this.#origin === undefined) {
      this.#origin = frame.capturedAt;
      const { width, height } = frame;
      stdin.write(matroskaHeader({ width, height, frameDurationUs: this.#usualFrameUs }));
    }
    const head = matroskaFrameHeader(Math.round(frame.capturedAt - this.#origin), length);
    const last = pieces.length - 1;
    stdin.write(head);
    for (const [i, piece] of pieces.entries()) {
      if (i < last) stdin.write(piece);
      else stdin.write(piece, (failure) => this.#onWritten(frame, failure));
    }
    stdin.uncork();
  }

  #onWritten(frame: Frame, failure: Error | null | undefined): void {
    this.#inFlight = undefined;
    this.#release(frame);
    if (this.#closed) return;
    if (failure != null) {
      this.#lost += 1;
      this.close();
      return;
    }
    this.#written += 1;
    this.#pump();
  }
}

function usualInterval(frames: readonly Frame[]): number {
  const first = frames[0];
  const last = frames.at(-1);
  if (first === undefined || last === undefined || frames.length < 2) return USUAL_FRAME_US;
  return (last.capturedAt - first.capturedAt) / (frames.length - 1);
}
