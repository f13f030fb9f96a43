import { CamboxError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { FrameArena } from '../../frame/frame-arena.ts';
import { EncodeQueue } from '../raw/encode-queue.ts';
import type { JpegEncoder } from '../raw/jpeg-encoder.ts';
import type { LaterFrames, PictureFacts, PictureKind } from './picture-kind.ts';

/** So many failures in a row are no accident: the camera is opened anew, perhaps with another encoder. */
const MOST_FAILURES = 5;

/** There is nothing to know of a raw picture but that it is whole. */
const WHOLE = {};

export interface RawPicturesDeps {
  readonly arena: FrameArena;
  readonly logger: Logger;
  /** The encoder is given up, as it only fails. */
  onBroken(fault: string): void;
}

/** The pictures of a camera that gives raw ones: handed to an encoder, from which the frames come. */
export class RawPictures implements PictureKind {
  readonly #wholeBytes: number;
  readonly #queue: EncodeQueue;

  /** A whole picture has `wholeBytes` at least. */
  constructor(wholeBytes: number, encoder: JpegEncoder, later: LaterFrames, deps: RawPicturesDeps) {
    this.#wholeBytes = wholeBytes;
    this.#queue = new EncodeQueue(encoder, deps.arena, {
      frame: (frame) => later.frame(frame),
      drop: (reason) => later.drop(reason),
      failed: (fault, inARow) => {
        if (inARow === 1) deps.logger.warn('encode_failed', { encoder: encoder.name, fault });
        if (inARow !== MOST_FAILURES) return;
        deps.onBroken(fault);
        later.fail(this.#failure(encoder, fault));
      },
    });
  }

  #failure(encoder: JpegEncoder, fault: string): CamboxError {
    const reason = `${encoder.name} failed ${MOST_FAILURES} times in a row: ${fault}`;
    return new CamboxError('internal', { verb: 'encode', thing: 'raw pictures', reason });
  }

  examine(bytes: Uint8Array): object | 'raw_short' {
    return bytes.length < this.#wholeBytes ? 'raw_short' : WHOLE;
  }

  take(bytes: Uint8Array, _: object, facts: PictureFacts): 'later' {
    this.#queue.offer(bytes, facts);
    return 'later';
  }

  async close(): Promise<void> {
    await this.#queue[Symbol.asyncDispose]();
  }
}
