import type { Clock } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/logger.ts';
import { ReasonCounts } from '../base/reason-counts.ts';
import { msFromUs, usFromSeconds } from '../base/units.ts';
import { Frame } from '../frame/frame.ts';
import { FrameArena } from '../frame/frame-arena.ts';
import type { FrameStore } from '../record/pictures/frame-store.ts';
import type { PictureSize } from '../rtp/jpeg-head-memory.ts';
import { RareWarning } from '../stream/rare-warning.ts';
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
  /** The store holds pictures of one size, as a video does: those of another size than the first one are left out. */
  readonly isOfOneSize: boolean;
}

/** Why a frame did not get as far as the store. */
export type Unstored =
  /** The store holds pictures of one size. */
  | 'other_size'
  /** Those before it, which the store has not written yet, fill the memory. */
  | 'no_memory';

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
  /** Frames that did not get as far as the store. */
  readonly unstored: ReasonCounts<Unstored>;
}

/** Receive one stream into a store until a limit, the sender or the signal ends it. Throws as `RtpReceiver` does. */
export async function receive(options: ReceptionOptions, deps: ReceptionDeps): Promise<ReceptionResult> {
  const { from } = options;
  const intake = new Intake(options, deps);
  using receiver = new RtpReceiver(from, { ...deps, onFrame: (frame) => intake.take(frame) });
  const ended = await firstEnd(receiver, intake, options, deps);
  receiver[Symbol.dispose]();
  return { ended, receiver, unstored: intake.unstored };
}

/** Copies frames out of the receiver for a store, up to a number of frames. */
class Intake {
  readonly complete: Promise<void>;
  readonly unstored = new ReasonCounts<Unstored>();
  readonly #store: FrameStore | undefined;
  readonly #isOfOneSize: boolean;
  readonly #arena: FrameArena | undefined;
  readonly #completion = Promise.withResolvers<void>();
  readonly #warning: RareWarning;
  #first: PictureSize | undefined;
  #left: number;

  constructor({ store, frames, isOfOneSize }: ReceptionOptions, deps: ReceptionDeps) {
    this.complete = this.#completion.promise;
    this.#warning = new RareWarning('frames_not_stored', deps);
    this.#store = store;
    this.#isOfOneSize = isOfOneSize;
    this.#arena = store && new FrameArena(ARENA_BYTES);
    this.#left = frames ?? Number.POSITIVE_INFINITY;
  }

  take(received: ReceivedFrame): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    if (this.#store !== undefined && this.#arena !== undefined) this.#put(received, this.#store, this.#arena);
    if (this.#left === 0) this.#completion.resolve();
  }

  #put({ bytes, layout, capturedAt, sequence }: ReceivedFrame, store: FrameStore, arena: FrameArena): void {
    const { width, height } = layout;
    this.#first ??= { width, height };
    if (this.#isOfOneSize && (width !== this.#first.width || height !== this.#first.height)) {
      this.#leaveOut('other_size', {
        size: sizeText(layout),
        stored_size: sizeText(this.#first),
        remedy: 'a video has one size: name a folder as --out, or receive anew into another file',
      });
      return;
    }
    const slot = arena.take(bytes.length);
    if (slot === undefined) {
      this.#leaveOut('no_memory', { remedy: 'store where it is faster: another disk, no --encode' });
      return;
    }
    slot.bytes.set(bytes);
    using frame = new Frame(slot, bytes.length, { capturedAt, sequence, jpeg: layout });
    store.offer(frame);
  }

  #leaveOut(reason: Unstored, fields: LogFields): void {
    const isNew = this.unstored.of(reason) === 0;
    this.unstored.add(reason);
    this.#warning.note(isNew, () => ({ reason, not_stored: this.unstored, ...fields }));
  }
}

const sizeText = ({ width, height }: PictureSize): string => `${width}x${height}`;

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
