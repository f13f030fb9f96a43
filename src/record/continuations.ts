import type { Clock } from '../base/clock.ts';
import { asCamboxError, type CamboxError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type MonoUs, msFromUs, wallMs } from '../base/units.ts';
import type { PreRollRing } from '../frame/pre-roll.ts';
import type { ClipResult } from './clip/clip.ts';
import { type AdmittedClip, admitClip, admitNextFile, type LiveAdmission } from './clip/clip-admission.ts';
import { type ClipRest, continueClip, nextFile } from './clip/continue-clip.ts';
import type { Seen } from './clip/gap-log.ts';
import { type FileAttempt, NextFile, neverOpened } from './clip/next-file.ts';
import type { Recording } from './clip/recording.ts';
import type { CameraEncoders } from './encoders/camera-encoders.ts';
import type { ChosenEncoder } from './encoders/encoder-advice.ts';
import { brokeOff, encoderFailure } from './encoders/encoder-failure.ts';
import type { PictureSize } from './encoders/encoder-profile.ts';

export interface ContinuationParts {
  readonly camera: string;
  readonly ring: PreRollRing;
  readonly encoders: CameraEncoders;
  readonly live: LiveAdmission;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of the camera's pictures. */
  size(): PictureSize;
  /** Why no clip may be started now, as far as the disk is concerned. */
  noRoom(): CamboxError | undefined;
  /** From here on the file collects frames. `lastBefore`: frames may be missing since this one. */
  open(order: ClipRest & AdmittedClip, lastBefore: Seen | undefined): Recording;
  /** Give it its ffmpeg; rejects when there is none. */
  begin(recording: Recording): Promise<Recording>;
  /** It is over. */
  forget(recording: Recording): void;
  /** What came of it, told once of each file. */
  tell(result: ClipResult): void;
}

/** The files of a clip after its first one: when a file is long enough, and when an encoder fails. */
export class Continuations {
  /** Next files that are not over; some wait to be begun. */
  readonly nextFiles = new Set<NextFile>();
  readonly #parts: ContinuationParts;

  constructor(parts: ContinuationParts) {
    this.#parts = parts;
  }

  /** Next files for which nothing is recorded at the moment. */
  get waiting(): NextFile[] {
    return [...this.nextFiles].filter(({ waits }) => waits);
  }

  /** When an encoder fails while more is to come, what the ring holds and what follows goes into another clip. */
  goOn(recording: Recording, result: ClipResult, isWanted: boolean): Recording | undefined {
    const { encoders, clock } = this.#parts;
    const failure = encoderFailure(result, recording.memory?.killed);
    if (failure !== undefined) encoders.failed(result.encoder, failure);
    if (!isWanted || !brokeOff(result, recording.endedAs)) return undefined;
    const rest = continueClip(recording, result, clock.now());
    return rest && this.#openRest(rest, recording.lastBefore(rest.startsAt));
  }

  /** A file is long enough: what comes after its last frame goes into the next one. */
  nextFile(before: Recording, lastFrameAt: MonoUs, lastSeen: Seen | undefined): NextFile {
    const { camera, ring, clock, logger, tell } = this.#parts;
    const next: NextFile = new NextFile({
      ...{ camera, before, rest: nextFile(before, lastFrameAt), ring, clock, logger },
      attempt: (rest, again) => this.#tryNext(rest, before, again ? lastSeen : undefined),
      onOver: (result) => {
        this.nextFiles.delete(next);
        tell(result);
      },
    });
    this.nextFiles.add(next);
    before.parts.whole.add(next.finished);
    return next;
  }

  #tryNext(rest: ClipRest, before: Recording, lastBefore: Seen | undefined): FileAttempt {
    const { camera, clock, noRoom, open } = this.#parts;
    try {
      const full = lastBefore && noRoom();
      if (full !== undefined) throw full;
      const clip = open({ ...rest, ...this.#admitNext(rest, before) }, lastBefore);
      return { clip, over: this.#record(clip) };
    } catch (thrown) {
      const failure = asCamboxError(thrown, 'start', `clip ${rest.request.id}`);
      const startedAt = wallMs(clock.wall() - msFromUs(clock.now() - rest.triggeredAt));
      return { clip: undefined, over: Promise.resolve(neverOpened(camera, rest, startedAt, failure)) };
    }
  }

  /** Where there is no room beside the file before, it takes that one's, unless that one is over. */
  #admitNext(rest: ClipRest, { parts, state }: Recording): AdmittedClip {
    const { live, size } = this.#parts;
    const chosen = this.#chooseFor(rest);
    if (state.step === 'finished') return admitClip(live, rest.request, chosen, size());
    return admitNextFile(live, rest.request, chosen, size(), parts);
  }

  #chooseFor({ request, row }: ClipRest): ChosenEncoder {
    return this.#parts.encoders.choose(request.encoder, row.failed);
  }

  /** Undefined when there is no room for it. */
  #openRest(rest: ClipRest, lastBefore: Seen | undefined): Recording | undefined {
    const { live, size, open, logger, forget, tell } = this.#parts;
    try {
      const next = open({ ...rest, ...admitClip(live, rest.request, this.#chooseFor(rest), size()) }, lastBefore);
      rest.whole.add(next.finished);
      void next.finished.then((result) => {
        forget(next);
        tell(result);
      });
      void this.#begin(next);
      return next;
    } catch (failed) {
      logger.warn('clip_refused', { clip: rest.request.id, problem: (failed as CamboxError).message });
      return undefined;
    }
  }

  /** How it goes, also when its ffmpeg cannot be started. */
  async #record(recording: Recording): Promise<ClipResult> {
    void this.#begin(recording);
    const result = await recording.finished;
    this.#parts.forget(recording);
    return result;
  }

  /** When it has no ffmpeg it ends. */
  async #begin(recording: Recording): Promise<void> {
    const { begin, logger } = this.#parts;
    try {
      await begin(recording);
    } catch (thrown) {
      const { code, message } = asCamboxError(thrown, 'start', `clip ${recording.id}`);
      logger.warn('clip_refused', { clip: recording.id, code, problem: message });
    }
  }
}
