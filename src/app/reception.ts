import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { msFromUs, usFromSeconds } from '../base/units.ts';
import { Frame } from '../frame/frame.ts';
import { FrameArena } from '../frame/frame-arena.ts';
import type { FrameStore } from '../record/pictures/frame-store.ts';
import { type ReceivedFrame, type ReceiveFrom, type ReceiverEnd, RtpReceiver } from '../stream/receive/rtp-receiver.ts';

/** For frames on their way to the disk: three of the largest that RTP/JPEG can carry, seconds of usual ones. */
const ARENA_BYTES = 64e6;

export interface ReceptionOptions {
  readonly from: ReceiveFrom;
  /** Stop after so many frames, or so long. */
  readonly frames: number | undefined;
  readonly seconds: number | undefined;
  /** Stop when no packet of the stream has come for so long, also when none ever came. */
  readonly idleSeconds: number | undefined;
  /** Where the frames go; undefined: they are only counted. The caller finishes it. */
  readonly store: FrameStore | undefined;
}

export interface ReceptionDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** What ended it: the sender or the socket, a limit, the user, or a disk or ffmpeg that takes nothing more. */
export type ReceptionEnd = ReceiverEnd | 'frames' | 'seconds' | 'idle' | 'signal' | 'store_failed';

export interface ReceptionResult {
  readonly ended: ReceptionEnd;
  /** Closed. */
  readonly receiver: RtpReceiver;
  /** Frames for which there was no memory on the way to the store. */
  readonly overflowed: number;
}

/** Receive one stream into a store until a limit, the sender or the signal ends it. Throws as `RtpReceiver` does. */
export async function receive(options: ReceptionOptions, deps: ReceptionDeps): Promise<ReceptionResult> {
  const { from, store } = options;
  const intake = new Intake(store, options.frames);
  using receiver = new RtpReceiver(from, { ...deps, onFrame: (frame) => intake.take(frame) });
  const ended = await firstEnd(receiver, intake, options, deps);
  receiver[Symbol.dispose]();
  return { ended, receiver, overflowed: intake.overflowed };
}

/** Copies frames out of the receiver for a store, up to a number of frames. */
class Intake {
  readonly complete: Promise<void>;
  readonly #store: FrameStore | undefined;
  readonly #arena: FrameArena | undefined;
  readonly #completion = Promise.withResolvers<void>();
  #left: number;
  #overflowed = 0;

  constructor(store: FrameStore | undefined, frames: number | undefined) {
    this.complete = this.#completion.promise;
    this.#store = store;
    this.#arena = store && new FrameArena(ARENA_BYTES);
    this.#left = frames ?? Number.POSITIVE_INFINITY;
  }

  get overflowed(): number {
    return this.#overflowed;
  }

  take(received: ReceivedFrame): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    if (this.#store !== undefined && this.#arena !== undefined) this.#put(received, this.#store, this.#arena);
    if (this.#left === 0) this.#completion.resolve();
  }

  #put({ bytes, layout, capturedAt, sequence }: ReceivedFrame, store: FrameStore, arena: FrameArena): void {
    const slot = arena.take(bytes.length);
    if (slot === undefined) {
      this.#overflowed += 1;
      return;
    }
    slot.bytes.set(bytes);
    using frame = new Frame(slot, bytes.length, { capturedAt, sequence, jpeg: layout });
    store.offer(frame);
  }
}

async function firstEnd(
  receiver: RtpReceiver,
  intake: Intake,
  { seconds, idleSeconds, store }: ReceptionOptions,
  { clock, signal }: ReceptionDeps,
): Promise<ReceptionEnd> {
  const over = new AbortController();
  const both = AbortSignal.any([over.signal, signal]);
  const ends: Promise<ReceptionEnd>[] = [
    intake.complete.then(() => 'frames'),
    receiver.ended,
    aborted(signal).then(() => 'signal'),
  ];
  if (store !== undefined) ends.push(store.failed.then(() => 'store_failed'));
  if (seconds !== undefined) ends.push(clock.sleep(seconds * 1000, both).then(() => ended(signal, 'seconds')));
  if (idleSeconds !== undefined)
    ends.push(silence(receiver, idleSeconds, clock, both).then(() => ended(signal, 'idle')));
  try {
    return await Promise.race(ends);
  } finally {
    over.abort();
  }
}

/** A wait is over because of its limit, unless the user ended it. */
const ended = (signal: AbortSignal, limit: ReceptionEnd): ReceptionEnd => (signal.aborted ? 'signal' : limit);

/** Resolves when no packet of the stream has come for so long, or the signal is aborted. */
async function silence(receiver: RtpReceiver, seconds: number, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    const leftUs = receiver.heardAt + usFromSeconds(seconds) - clock.now();
    if (leftUs <= 0 || signal.aborted) return;
    await clock.sleep(Math.ceil(msFromUs(leftUs)), signal);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
